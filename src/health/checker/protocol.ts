/**
 * What the daemon and its checker say to each other: a line of JSON each. An empty line from the checker says that it is
 * there.
 */

import type { Readable } from 'node:stream';
import { encodeJob, type Job, reviveOctets } from '../job.ts';
import type { Outcome } from '../outcome.ts';

/** Threads of the checker's pool, by which it looks at files: some of those may hang. */
export const fileThreads = 32;

/** To the checker: jobs to begin with, and ids of those to end. */
export type Order = { readonly begin: readonly Job[]; readonly end: readonly string[] };

/** From the checker, each time a probe is over. */
export type Report = { readonly id: string; readonly outcome: Outcome };

export function encodeOrder({ begin, end }: Order): string {
  const jobs = begin.map((job) => encodeJob(job)).join();
  return `{"begin":[${jobs}],"end":${JSON.stringify(end)}}\n`;
}

export function decodeOrder(line: string): Order {
  return JSON.parse(line, reviveOctets) as Order;
}

export function encodeReport(report: Report): string {
  return `${JSON.stringify(report)}\n`;
}

export function decodeReport(line: string): Report {
  return JSON.parse(line) as Report;
}

/** Calls with each whole line, without its end. */
export function eachLine(stream: Readable, take: (line: string) => void): void {
  let rest = '';
  stream.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(line);
  });
}
