/** keepalived's checkers as checks. Each asks the real server's own address, as keepalived does. */

import type { CheckEntry } from '../../schema/checks.ts';
import type { Say } from '../imported.ts';
import { numberOf, timeText } from './numbers.ts';
import { find, type Statement } from './syntax.ts';

/** Checker, real server, virtual server: who says something first is right. */
type Scopes = readonly (readonly Statement[])[];

type Reader = {
  /** How often it tries again before a real server is down, if nothing is said. */
  readonly retries: number;
  readonly own: readonly string[];
  readonly probes: (block: readonly Statement[], scopes: Scopes, say: Say) => readonly Partial<CheckEntry>[];
};

const word = (block: readonly Statement[], ...keywords: readonly string[]): string | undefined =>
  find(block, ...keywords)?.words[0];

const readers: Readonly<Record<string, Reader>> = {
  TCP_CHECK: { retries: 1, own: [], probes: () => [{ tcp: {} }] },
  PING_CHECK: { retries: 1, own: [], probes: () => [{ ping: {} }] },
  HTTP_GET: {
    retries: 1,
    own: ['url', 'http_protocol', 'virtualhost'],
    probes: (block, scopes, say) => urlsOf(block).map((url) => ({ http: httpSettings(url, scopes, say) })),
  },
  SSL_GET: {
    retries: 1,
    own: ['url', 'http_protocol', 'virtualhost', 'enable_sni', 'sni_name'],
    probes: (block, scopes, say) =>
      urlsOf(block).map((url) => {
        const settings = httpSettings(url, scopes, say);
        const sni = word(block, 'sni_name') ?? (find(block, 'enable_sni') ? settings.host : undefined);
        return { https: { ...settings, ...(sni !== undefined && { sni }) } };
      }),
  },
  SMTP_CHECK: {
    retries: 1,
    own: ['helo_name', 'host'],
    probes: (block) => {
      const helo = word(block, 'helo_name');
      return [{ smtp: helo === undefined ? {} : { helo } }];
    },
  },
  DNS_CHECK: {
    retries: 3,
    own: ['type', 'name'],
    probes: (block) => {
      const type = word(block, 'type')?.toUpperCase();
      const name = word(block, 'name');
      return [
        { dns: { ...(name !== undefined && { name }), ...(type !== undefined && { type: type as 'SOA' }) } },
      ];
    },
  },
  MISC_CHECK: {
    retries: 0,
    own: ['misc_path', 'misc_timeout', 'misc_dynamic', 'user'],
    probes: (block, _, say) => {
      const run = argumentsOf(word(block, 'misc_path') ?? '');
      const as = find(block, 'user');
      const [user, group] = as?.words ?? [];
      if (as && group !== undefined && group !== user)
        say(as.line, `the group ${group}: a program runs with its user's own`);
      const weighs = find(block, 'misc_dynamic') !== undefined;
      return [{ command: { run, ...(user !== undefined && { user }), ...(weighs && { weighs }) } }];
    },
  },
  UDP_CHECK: {
    retries: 1,
    own: ['payload', 'require_reply'],
    probes: (block, _, say) => {
      const hex = find(block, 'payload')?.words.join('');
      const reply = find(block, 'require_reply');
      const exact = reply && reply.words.length > 0;
      if (exact) say(reply.line, 'require_reply: that a reply comes is asked for, not what is in it');
      return [{ udp: { ...(hex !== undefined && { send_hex: hex }), ...(reply && { reply: true }) } }];
    },
  },
};

const common = [
  ...['connect_ip', 'connect_port', 'connect_timeout', 'retry', 'nb_get_retry', 'nb_sock_retry'],
  ...['delay_before_retry', 'delay_loop', 'alpha', 'warmup', 'log_all_failures', 'misc_timeout'],
];

/** Whether a keyword of a real server begins a checker. */
export function isChecker(keyword: string): boolean {
  return keyword.endsWith('_CHECK') || keyword === 'HTTP_GET' || keyword === 'SSL_GET';
}

/**
 * The checks that a checker comes to; several for several URLs. Where it names no port, `port` is asked, if that is another
 * than a check would ask by itself.
 */
export function checksOf(
  checker: Statement,
  outer: Scopes,
  port: number | undefined,
  say: Say,
): readonly CheckEntry[] {
  const reader = readers[checker.keyword];
  if (!reader) {
    say(checker.line, `${checker.keyword} has no like here`);
    return [];
  }
  const block = checker.block ?? [];
  const scopes = [block, ...outer];
  for (const { keyword, line } of block)
    if (!common.includes(keyword) && !reader.own.includes(keyword))
      say(line, `${keyword} of ${checker.keyword}`);
  const rhythm = rhythmOf(checker, scopes, reader.retries, say);
  // SMTP_CHECK has a block for it.
  const place = placeOf([...block, ...(find(block, 'host')?.block ?? [])], checker.keyword, port);
  return reader.probes(block, scopes, say).map((probe) => ({ ...probe, ...place, ...rhythm }));
}

/** `chk -a 'b c'` is three words. */
function argumentsOf(line: string): string[] {
  return [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, plain]) => single ?? double ?? plain ?? '',
  );
}

function placeOf(
  block: readonly Statement[],
  keyword: string,
  usual: number | undefined,
): Partial<CheckEntry> {
  const [address, said] = [word(block, 'connect_ip'), word(block, 'connect_port')];
  const hasPort = keyword !== 'MISC_CHECK' && keyword !== 'PING_CHECK';
  const port = said === undefined && hasPort ? usual : said;
  return {
    ...(address !== undefined && { address }),
    ...(port !== undefined && { port: Number(port) }),
    ...(keyword !== 'MISC_CHECK' && { via: 'rip' as const }),
  };
}

/** keepalived's defaults where nothing is said: every 60 s, 5 s for an answer. */
function rhythmOf(checker: Statement, scopes: Scopes, usualRetries: number, say: Say): Partial<CheckEntry> {
  const interval = numberOf(scopes, say, 'delay_loop') ?? 60;
  const isCommand = checker.keyword === 'MISC_CHECK';
  const timeout =
    numberOf(scopes, say, ...(isCommand ? ['misc_timeout'] : ['connect_timeout'])) ??
    (isCommand ? interval : 5);
  const retries = numberOf(scopes, say, 'retry', 'nb_get_retry', 'nb_sock_retry') ?? usualRetries;
  const pause = find(checker.block ?? [], 'delay_before_retry');
  if (pause) say(pause.line, 'delay_before_retry: a check is repeated at its interval');
  if (timeout > interval) say(checker.line, `the timeout, ${timeout} s, becomes the interval, ${interval} s`);
  return {
    ...{ interval: timeText(interval), timeout: timeText(Math.min(timeout, interval)) },
    ...{ rise: 1, fall: retries + 1 },
    ...(scopes.some((scope) => find(scope, 'alpha')) && { start: 'down' as const }),
  };
}

function urlsOf(block: readonly Statement[]): readonly (readonly Statement[])[] {
  const urls = block.filter(({ keyword }) => keyword === 'url').map((url) => url.block ?? []);
  return urls.length === 0 ? [[]] : urls;
}

type HttpSettings = NonNullable<CheckEntry['http']>;

function httpSettings(url: readonly Statement[], scopes: Scopes, say: Say): HttpSettings {
  const host = [url, ...scopes].map((block) => word(block, 'virtualhost')).find((name) => name !== undefined);
  const path = word(url, 'path');
  const body = word(url, 'regex');
  const status = find(url, 'status_code')?.words.map((text) => (text.includes('-') ? text : Number(text)));
  for (const { keyword, line } of url)
    if (!['path', 'virtualhost', 'regex', 'status_code'].includes(keyword)) say(line, `${keyword} of a url`);
  return {
    ...(path !== undefined && { path }),
    ...(host !== undefined && { host }),
    ...(status && { status }),
    ...(body !== undefined && { body }),
  };
}
