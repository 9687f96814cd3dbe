/** What each kind of check does, from its settings in the file. */

import type { Probe, StatusRange, TlsDemands } from '../../health/check.ts';
import type { Path, Report } from '../problem.ts';
import type { CheckEntry, ProbeKey } from '../schema/checks.ts';

type Settings<K extends ProbeKey> = NonNullable<CheckEntry[K]>;

/** One reader for each kind. Problems are reported, and something is answered all the same. */
const readers: { readonly [K in ProbeKey]: (settings: Settings<K>, path: Path, report: Report) => Probe } = {
  tcp: ({ send, expect }, path, report) => ({
    kind: 'tcp',
    ...(send !== undefined && { send }),
    ...(expect !== undefined && { expect: pattern(expect, [...path, 'expect'], report) }),
  }),
  http: (settings, path, report) => httpProbe(settings, path, report),
  https: ({ sni, verify, ca_file, days_left, ...settings }, path, report) => ({
    ...httpProbe(settings, path, report),
    tls: tlsDemands({
      ...(ca_file !== undefined && { ca_file }),
      ...(verify !== undefined && { verify }),
      ...(days_left !== undefined && { days_left }),
      ...((sni ?? settings.host) !== undefined && { sni: sni ?? settings.host ?? '' }),
    }),
  }),
  tls: (settings) => ({ kind: 'tls', tls: tlsDemands(settings) }),
  dns: ({ name = '.', type = 'SOA', transport = 'udp', expect }) => ({
    ...{ kind: 'dns', name, type, transport },
    ...(expect !== undefined && { expect }),
  }),
  udp: (settings, path, report) => udpProbe(settings, path, report),
  smtp: ({ helo = 'localhost', tls = 'none' }) => ({ kind: 'smtp', helo, tls }),
  grpc: ({ service = '', authority, tls }) => ({
    ...{ kind: 'grpc', service },
    ...(authority !== undefined && { authority }),
    ...(tls && { tls: tlsDemands(tls === true ? {} : tls) }),
  }),
  ping: ({ bytes = 56 }) => ({ kind: 'ping', bytes }),
  command: ({ run, user, weighs = false }) => ({
    ...{ kind: 'command', run, weighs },
    ...(user !== undefined && { user }),
  }),
  file: ({ path, down = 'present' }) => ({ kind: 'file', path, down }),
};

/** The probe of a kind. */
export function probeOf<K extends ProbeKey>(
  key: K,
  settings: CheckEntry[K],
  path: Path,
  report: Report,
): Probe | undefined {
  if ((settings === null || settings === undefined) && needsSettings(key)) {
    const what = key === 'file' ? 'which one it is about: add `path`' : 'what to run: add `run`';
    report({ path, message: `a ${key} must be told ${what}` });
    return undefined;
  }
  return readers[key]((settings ?? {}) as Settings<K>, path, report);
}

function needsSettings(key: ProbeKey): boolean {
  return key === 'command' || key === 'file';
}

type HttpProbe = Extract<Probe, { kind: 'http' }>;

function httpProbe(settings: Settings<'http'>, path: Path, report: Report): HttpProbe {
  const { method = 'GET', host, headers = {}, status = ['200-299'], body, redirects = 0 } = settings;
  for (const name of Object.keys(headers)) {
    const isHeader = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && !/[\r\n]/.test(headers[name] ?? '');
    if (!isHeader) report({ path: [...path, 'headers', name], message: `\`${name}\` is no header` });
  }
  return {
    ...{ kind: 'http', method, path: settings.path ?? '/', headers, redirects },
    status: status.map((each, index) => statusRange(each, [...path, 'status', index], report)),
    ...(host !== undefined && { host }),
    ...(body !== undefined && { body: pattern(body, [...path, 'body'], report) }),
  };
}

function statusRange(text: number | string, path: Path, report: Report): StatusRange {
  const [first = 0, last = first] = String(text).split('-').map(Number);
  if (first > last) report({ path, message: `the range ${text} runs backwards` });
  return { first, last };
}

function tlsDemands({ sni, verify = false, ca_file, days_left = 0 }: Settings<'tls'>): TlsDemands {
  return {
    ...{ verify, daysLeft: days_left },
    ...(sni !== undefined && { name: sni }),
    ...(ca_file !== undefined && { caFile: ca_file }),
  };
}

function udpProbe(settings: Settings<'udp'>, path: Path, report: Report): Probe {
  const { send, send_hex: hex, reply = false, expect } = settings;
  if (send !== undefined && hex !== undefined)
    report({ path: [...path, 'send_hex'], message: '`send` and `send_hex` say what to send twice' });
  const octets = hex === undefined ? Buffer.from(send ?? '') : Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const wanted =
    expect === undefined
      ? ({ kind: 'any' } as const)
      : ({ kind: 'pattern', pattern: pattern(expect, [...path, 'expect'], report) } as const);
  const mustReply = reply || expect !== undefined;
  return { kind: 'udp', send: Uint8Array.from(octets), ...(mustReply && { expect: wanted }) };
}

/** The source of a regular expression that can be compiled. */
function pattern(source: string, path: Path, report: Report): string {
  try {
    new RegExp(source, 'u');
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^.*: /, '') : String(error);
    report({ path, message: `\`${source}\` is not a regular expression: ${why}` });
  }
  return source;
}
