/**
 * A long document in parts: the items of lists that stand at its top, some at a time. The tree of 2,000 services takes 150 MB while
 * it is built, what it means takes 6. Only the plainest form is read so; where a part by itself is no YAML, a quote that goes over
 * several items for instance, it is no document of that form.
 */

import { parseDocument } from 'yaml';

/** Shorter ones are read as a whole. */
const longCharacters = 1 << 17;
/** So much text at a time. */
const partCharacters = 1 << 16;

/** What the document means; `undefined` where it has to be read as a whole, as it has where something is wrong with it. */
export function readByItems(
  text: string,
  { long = longCharacters, part = partCharacters } = {},
): Readonly<Record<string, unknown>> | undefined {
  // Aliases refer to what stands in other parts; directives and further documents are rare.
  if (text.length < long || /[&*!\t\r\uFEFF]|^(%|---|\.\.\.)/m.test(text)) return undefined;
  const sections = sectionsOf(text);
  if (!sections) return undefined;
  const values = new Map<string, unknown>();
  for (const { key, body } of sections) {
    const value = sectionValue(key, body, part);
    if (value === undefined || values.has(key)) return undefined;
    values.set(key, value.of);
  }
  return Object.fromEntries(values);
}

type Section = { readonly key: string; readonly body: string };

/** A key at the beginning of a line, and all that stands behind it up to the next one. */
function sectionsOf(text: string): readonly Section[] | undefined {
  const heads = [...text.matchAll(/^([a-z_]+):(?=[ \n])/gm)];
  const [first] = heads;
  if (!first || /^[^#\n]/m.test(text.slice(0, first.index))) return undefined;
  return heads.map(({ 0: head, 1: key = '', index }, at) => ({
    key,
    body: text.slice(index + head.length, heads[at + 1]?.index ?? text.length),
  }));
}

/** The section's value, in an object since it may be null. */
function sectionValue(key: string, body: string, part: number): { readonly of: unknown } | undefined {
  const list = /^ *(?:#[^\n]*)?\n(?: *(?:#[^\n]*)?\n)*( *)- /.exec(body);
  if (!list) {
    const whole = parsed(`${key}:${body}`) as Readonly<Record<string, unknown>> | undefined;
    return whole && Object.keys(whole).length === 1 ? { of: whole[key] } : undefined;
  }
  const items: unknown[] = [];
  const [before, indent = ''] = list;
  const first = before.length - indent.length - '- '.length;
  for (const some of partsOf(body, first, `\n${indent}- `, part)) {
    const found = parsed(some);
    if (!Array.isArray(found)) return undefined;
    for (const item of found) items.push(item);
  }
  return { of: items };
}

/** The text from the first item on, cut in front of others. */
function* partsOf(body: string, first: number, item: string, part: number): Generator<string> {
  for (let from = first; from < body.length; ) {
    const next = body.indexOf(item, from + part);
    const end = next < 0 ? body.length : next;
    yield body.slice(from, end);
    from = end;
  }
}

/** `undefined` where it is no YAML. */
function parsed(text: string): unknown {
  const document = parseDocument(text, { prettyErrors: false, stringKeys: true });
  return document.errors.length > 0 ? undefined : document.toJS();
}
