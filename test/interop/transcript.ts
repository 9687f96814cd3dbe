/** What the tests saw, as a document, for whoever asks for it by the environment variable FAIRLEAD_TRANSCRIPT. */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { packageRoot } from '../../src/lab/package-root.ts';

const target = process.env['FAIRLEAD_TRANSCRIPT'];

export type Transcript = {
  /** What follows stands under this title; without anything to follow there is none. */
  chapter(title: string): void;
  say(text: string): void;
  /** A block of text as it was, but for blanks at the ends of lines. */
  show(text: string): void;
  /** Writes it, if anybody asked for it. */
  write(): void;
};

/** Begins a document with a title and the paragraph under it. */
export function transcript(title: string, about: string): Transcript {
  const parts = [`# ${title}`, about];
  let heading = '';
  const add = (part: string): void => {
    if (heading !== '') parts.push(`## ${heading[0]?.toUpperCase()}${heading.slice(1)}`);
    heading = '';
    parts.push(part);
  };
  return {
    chapter: (next) => {
      heading = next;
    },
    say: add,
    show: (text) => add(`\`\`\`\n${text.trimEnd().replace(/ +$/gm, '')}\n\`\`\``),
    write() {
      if (target) writeFileSync(resolve(packageRoot, target), `${parts.join('\n\n')}\n`);
    },
  };
}
