import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { problemLine } from './problem.ts';
import { readConfiguration } from './read.ts';
import { file } from './schema/file.ts';

const read = (path: string): string =>
  readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const page = read('docs/configuration.md');
const manual = read('man/fairlead.yaml.5');

/** Every key that a file may have, but the settings, which have a page of their own. */
function keysOf(schema: unknown): readonly string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {} } = schema as { properties?: Record<string, unknown> };
  const below = Object.entries(schema).flatMap(([name, each]) => (name === 'sysctls' ? [] : keysOf(each)));
  return [...Object.keys(properties), ...below];
}

describe('the configuration is described', () => {
  const keys = [...new Set(keysOf(file))];

  it('by a page and a manual that know every key', () => {
    expect(keys.filter((key) => !page.includes(`\`${key}\``) && !page.includes(`\`${key}:`))).toEqual([]);
    expect(keys.filter((key) => !new RegExp(`\\b${key}\\b`).test(manual))).toEqual([]);
  });

  it('by examples that are right', () => {
    const examples = [...page.matchAll(/```yaml\n(.*?)```/gs)].map(([, text = '']) => text);
    const literal = /\.Bd -literal\n(.*?)\.Ed/s.exec(manual)?.[1] ?? '';
    for (const text of [...examples, literal])
      expect(readConfiguration(text)).toHaveProperty('configuration.services');
    expect(examples.length).toBeGreaterThan(0);
  });

  it('by what is said of a file that is wrong', () => {
    const [, block = ''] = page.split('## When it is wrong');
    const [text = '', first = '', second = ''] = [...block.matchAll(/```\n(.*?)```/gs)].map(
      ([, each = '']) => each,
    );
    const saidOf = (wrong: string): string => {
      const read = readConfiguration(wrong);
      return 'problems' in read
        ? read.problems.map((each) => `${problemLine('fairlead.yaml', each)}\n`).join('')
        : '';
    };
    expect(saidOf(text)).toBe(first);
    expect(saidOf(text.replace('shedule', 'scheduler'))).toBe(second);
  });
});
