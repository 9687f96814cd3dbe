/** What the log says of a change that somebody has asked for: who, what, and how it ended. */

import type { LogFields } from '../ipvs/log.ts';
import type { Caller } from './caller.ts';
import type { RouteName } from './routes.ts';

type Asked = { readonly method: string; readonly url: string; readonly body: unknown };

/** How many changes of one request are named. */
const mostNamed = 5;

/** `api: PUT /v1/timeouts`, and who has asked. */
export function auditOf(
  { name, role, from = '' }: Caller,
  { method, url, body }: Asked,
  status: number,
): Audit {
  const what = [`${method} ${url}`, ...(status < 400 ? namesOf(body) : [])].join(', ');
  return [`api: ${plain(what)}`, { token: name, role, from, status }];
}

type Audit = readonly [message: string, fields: LogFields];

/** The changes of a batch or a transaction, whose shape has been checked. */
export function callsOf(
  body: unknown,
): readonly { readonly route: RouteName; readonly params?: Readonly<Record<string, string>> }[] {
  const isList =
    Array.isArray(body) && body.every((each) => typeof each === 'object' && each !== null && 'route' in each);
  return isList ? (body as { route: RouteName }[]) : [];
}

function namesOf(body: unknown): readonly string[] {
  const calls = callsOf(body);
  const named = calls
    .slice(0, mostNamed)
    .map(({ route, params = {} }) => [route, ...Object.values(params)].join(' '));
  return calls.length > mostNamed ? [...named, `… ${calls.length} changes`] : named;
}

/** One line stays one line, whatever was asked for. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '?').slice(0, 500);
}
