/** Which function of bpf/ a line of its sources is in: the compiler has put nearly all of them into a few large ones. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { SourceLine } from '../../src/linux/bpf-lines.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** `NAME (FILE)`, or the file alone for what the compiler has added by itself. Reads each source once. */
export function functionsOfSources(): (line: SourceLine) => string {
  const sources = new Map<string, readonly string[]>();
  return ({ file, line }) => {
    const lines = sources.get(file) ?? readFileSync(root + file, 'utf8').split('\n');
    sources.set(file, lines);
    const name = functionIn(lines, line);
    const short = file.replace(/^(\.\/)?bpf\/(lib\/)?/, '');
    return name === undefined ? short : `${name} (${short})`;
  };
}

/** In kernel style the head of a function is what begins at the left, and has a name in front of a bracket. `line`: from 1 on. Pure. */
export function functionIn(lines: readonly string[], line: number): string | undefined {
  const heads = lines.slice(0, line).map((text) => /^\w[^#;=]*?(\w+)\(/.exec(text)?.[1]);
  return heads.findLast((name) => name !== undefined && !name.startsWith('SEC'));
}
