/** A configuration file as text: short lists and flat mappings on one line, everything else in blocks. Pure. */

import type { FileEntry } from './schema/file.ts';

const widest = 100;

/** `comments` stand above, a line each. */
export function renderFile(file: FileEntry, comments: readonly string[] = []): string {
  const head = comments.map((line) => (line === '' ? '#\n' : `# ${line}\n`)).join('');
  const sections = Object.entries(file).filter(([, value]) => value !== undefined);
  const body = sections.map(([key, value]) => section(key, value)).join('\n');
  return [head, body].filter((part) => part !== '').join('\n');
}

/** A blank line between services: they are what the file is about. */
function section(key: string, value: unknown): string {
  if (key !== 'services' || !Array.isArray(value) || value.length === 0) return pair(key, value, '');
  const items = value.map((service) => `  - ${blockMapping(service, '    ').trimStart()}`);
  return `services:\n${items.join(items.some((item) => item.split('\n').length > 3) ? '\n' : '')}`;
}

/** `key: value`, with the lines that follow, each ended. */
function pair(key: string, value: unknown, indent: string): string {
  const start = `${indent}${scalar(key)}:`;
  const short = inline(value);
  if (short !== undefined && start.length + 1 + short.length <= widest && !prefersBlock(value))
    return `${start} ${short}\n`;
  if (Array.isArray(value)) return `${start}\n${value.map((each) => item(each, `${indent}  `)).join('')}`;
  return `${start}\n${blockMapping(value as object, `${indent}  `)}`;
}

/** Lists of mappings are read line by line. */
function prefersBlock(value: unknown): boolean {
  return Array.isArray(value) && value.some((each) => typeof each === 'object' && each !== null);
}

function item(value: unknown, indent: string): string {
  const short = inline(value);
  if (short !== undefined && indent.length + 2 + short.length <= widest) return `${indent}- ${short}\n`;
  return `${indent}- ${blockMapping(value as object, `${indent}  `).trimStart()}`;
}

function blockMapping(value: object, indent: string): string {
  return Object.entries(value)
    .filter(([, each]) => each !== undefined)
    .map(([key, each]) => pair(key, each, indent))
    .join('');
}

/** The value on one line, unless it is nested more than twice. */
function inline(value: unknown, depth = 0): string | undefined {
  if (typeof value === 'string') return scalar(value);
  if (typeof value !== 'object' || value === null) return String(value);
  if (depth > 2) return undefined;
  const parts = Array.isArray(value)
    ? value.map((each) => inline(each, depth + 1))
    : Object.entries(value)
        .filter(([, each]) => each !== undefined)
        .map(([key, each]) => keyed(key, inline(each, depth + 1)));
  if (parts.includes(undefined)) return undefined;
  return Array.isArray(value) ? `[${parts.join(', ')}]` : `{${parts.join(', ')}}`;
}

function keyed(key: string, value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${scalar(key)}: ${value}`;
}

/** Plain where YAML's core schema takes it for the same text, also in brackets. */
function scalar(text: string): string {
  const isPlain = /^[A-Za-z0-9_/][A-Za-z0-9_.:/%-]*$/.test(text) && !text.endsWith(':');
  const isOther = !Number.isNaN(Number(text)) || /^(true|false|null)$/i.test(text) || /^0o/.test(text);
  return isPlain && !isOther ? text : JSON.stringify(text);
}
