/**
 * How a scenario looks on paper. Pure: one event in, its text out.
 *
 * Words and signs carry the meaning; colour only helps the eye, and can be left out.
 */

import { styleText } from 'node:util';
import { addressOf, type Topology } from './topology.ts';

export type Event =
  | { readonly kind: 'opening'; readonly title: string; readonly lab: string; readonly topology: Topology }
  | { readonly kind: 'step'; readonly row: string; readonly title: string; readonly why: string }
  | { readonly kind: 'command'; readonly host: string; readonly line: string }
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'note'; readonly text: string }
  | {
      readonly kind: 'check';
      readonly expectation: string;
      readonly seen: boolean;
      readonly otherwise?: string;
    }
  | {
      readonly kind: 'end';
      readonly name: string;
      readonly passed: number;
      readonly failed: number;
      readonly seconds: number;
    };

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Text as it is. */
export const plain: Paint = (_, text) => text;
/** Text with terminal colours. */
export const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });

const width = 100;
const indent = '  ';

/** The text of an event, with its line ends; empty for an event that shows nothing. */
export function narrate(event: Event, paint: Paint): string {
  switch (event.kind) {
    case 'opening':
      return opening(event, paint);
    case 'step': {
      const head = `${event.row.padEnd(3)} ${event.title}`;
      return `\n${paint('bold', head)}\n${paint('dim', block(wrap(event.why), indent))}\n`;
    }
    case 'command':
      return `${indent}${paint('cyan', `${event.host}#`)} ${event.line.replaceAll('\n', `\n${indent.repeat(2)}`)}\n`;
    case 'output':
      return event.text === '' ? '' : block(event.text.replace(/\n$/, '').split('\n'), indent.repeat(2));
    case 'note':
      return block(wrap(event.text), `${indent}· `, indent.repeat(2));
    case 'check':
      return check(event, paint);
    case 'end':
      return ending(event, paint);
  }
}

type Of<K extends Event['kind']> = Extract<Event, { kind: K }>;

function opening({ title, lab, topology }: Of<'opening'>, paint: Paint): string {
  const hosts = Object.entries(topology.hosts).map(([name, { about = '' }]) =>
    `${name.padEnd(9)} ${(addressOf(topology, name) ?? '').padEnd(16)} ${about}`.trimEnd(),
  );
  return `${paint('bold', title)}\n${block([`lab ${lab}, topology ${topology.name}`, ...hosts], indent)}`;
}

function check({ expectation, seen, otherwise = '' }: Of<'check'>, paint: Paint): string {
  if (seen) return `${indent}${paint('green', '✓')} ${expectation}\n`;
  const instead = block(otherwise.trimEnd().split('\n'), `${indent.repeat(2)}seen: `, indent.repeat(5));
  return `${indent}${paint('red', `✗ not so: ${expectation}`)}\n${instead}`;
}

function ending({ name, passed, failed, seconds }: Of<'end'>, paint: Paint): string {
  const took = `${seconds.toFixed(1)} s`;
  const text =
    failed === 0
      ? paint('green', `✓ ${name}: every step showed what it must (${passed} checks, ${took})`)
      : paint('red', `✗ ${name}: ${failed} of ${passed + failed} checks did not hold (${took})`);
  return `\n${text}\n`;
}

function block(lines: readonly string[], first: string, rest = first): string {
  return lines.map((line, at) => `${at === 0 ? first : rest}${line}\n`).join('');
}

function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
