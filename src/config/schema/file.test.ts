import { fileURLToPath } from 'node:url';
import { Value } from 'typebox/value';
import { describe, expect, it } from 'vitest';
import { file } from './file.ts';

const published = fileURLToPath(new URL('../../../packaging/fairlead.schema.json', import.meta.url));

/** What stands in several places, put into one. */
function withDefinitions(schema: object): object {
  const seen = new Map<string, number>();
  const count = (value: unknown): void => {
    if (typeof value !== 'object' || value === null) return;
    const text = JSON.stringify(value);
    const times = (seen.get(text) ?? 0) + 1;
    seen.set(text, times);
    if (times === 1) for (const each of Object.values(value)) count(each);
  };
  count(schema);
  const names = new Map<string, string>();
  for (const [text, times] of seen) {
    const { title, type, anyOf } = JSON.parse(text) as { title?: unknown; type?: unknown; anyOf?: unknown };
    const isSchema = typeof title === 'string' && (type !== undefined || anyOf !== undefined);
    if (times > 1 && text.length > 200 && isSchema) names.set(text, nameOf(title));
  }
  const referring = (value: unknown, isTop = false): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    const name = names.get(JSON.stringify(value));
    if (name !== undefined && !isTop) return { $ref: `#/$defs/${name}` };
    if (Array.isArray(value)) return value.map((each) => referring(each));
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, referring(each)]));
  };
  const $defs = Object.fromEntries(
    [...names].map(([text, name]) => [name, referring(JSON.parse(text), true)]),
  );
  return { ...(referring(schema) as object), $defs };
}

/** `a check, like …` is `check`. */
function nameOf(title: string): string {
  return title
    .replace(/[,:].*/, '')
    .replace(/^an? /, '')
    .replaceAll(' ', '_');
}

describe('the schema of the configuration file', () => {
  it('is the one that is published', async () => {
    const document = {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: 'fairlead.schema.json',
      ...withDefinitions(JSON.parse(JSON.stringify(file)) as object),
      title: 'fairlead.yaml',
    };
    await expect(`${JSON.stringify(document, undefined, 2)}\n`).toMatchFileSnapshot(published);
  });

  it('takes what a file may say, and nothing else', () => {
    expect(Value.Check(file, { services: [{ tcp: '192.0.2.10:80', servers: ['10.0.0.11'] }] })).toBe(true);
    expect(Value.Check(file, { services: [{ tcp: '192.0.2.10:80', shedule: 'rr' }] })).toBe(false);
    expect(Value.Check(file, { sysctls: { drop_entry: 4 } })).toBe(false);
  });
});
