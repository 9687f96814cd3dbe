/** What ldirectord asks of a real server, as a check. */

import { secondsText } from '../../meaning/duration.ts';
import type { CheckEntry } from '../../schema/checks.ts';
import type { Say } from '../imported.ts';
import { type Setting, settingOf, type Virtual } from './syntax.ts';

/** The protocol that it speaks, by the port, if nothing is said. */
const servicesByPort: Readonly<Record<string, string>> = {
  ...{ 21: 'ftp', 25: 'smtp', 53: 'dns', 80: 'http', 110: 'pop', 119: 'nntp', 143: 'imap', 389: 'ldap' },
  ...{ 443: 'https', 587: 'submission', 636: 'ldaps', 993: 'imaps', 995: 'pops', 1521: 'oracle' },
  ...{ 3128: 'http_proxy', 3306: 'mysql', 5060: 'sip', 5432: 'pgsql' },
};

/** What belongs to one real server: it may ask for another page than the others. */
export type Asked = {
  readonly request?: string;
  readonly receive?: string;
  /** Where it is asked, if nothing is said and that is not what a check asks by itself. */
  readonly askedPort?: number;
};

/** `undefined`: nothing is asked. */
export function checkOf(
  virtual: Virtual,
  global: readonly Setting[],
  asked: Asked,
  say: Say,
): CheckEntry | undefined {
  const scopes = [virtual.settings, global];
  const type = settingOf([virtual.settings], 'checktype') ?? 'negotiate';
  if (type === 'on' || type === 'off') return undefined;
  const rhythm = rhythmOf(scopes, type, say, virtual.line);
  const port = settingOf([virtual.settings], 'checkport') ?? asked.askedPort;
  const place = { ...(port !== undefined && { port: Number(port) }), via: 'rip' as const };
  switch (type) {
    case 'ping':
      return { ping: {}, via: 'rip', ...rhythm };
    case 'connect':
      return { ...connect(virtual), ...place, ...rhythm };
    case 'external':
    case 'external-perl': {
      if (type === 'external-perl') say(virtual.line, 'external-perl: the program is run like any other');
      const command = settingOf([virtual.settings], 'checkcommand') ?? '/bin/true';
      return { command: { run: [command, '{vip}', '{vport}', '{rip}', '{rport}'] }, ...rhythm };
    }
    case 'negotiate':
      return { ...negotiated(virtual, scopes, asked, say), ...place, ...rhythm };
    default:
      say(virtual.line, `checktype ${type}: a connection is made each time`);
      return { ...connect(virtual), ...place, ...rhythm };
  }
}

/** A connection by TCP; of UDP, only that nobody refuses it. */
function connect(virtual: Virtual): CheckEntry {
  return protocolOf(virtual) === 'udp' ? { ping: {} } : { tcp: {} };
}

/** `tcp`, `udp` or `fwm`. */
export function protocolOf(virtual: Virtual): string {
  const said = settingOf([virtual.settings], 'protocol');
  return said ?? (/^\d+$/.test(virtual.value) ? 'fwm' : 'tcp');
}

function protocolSpoken(virtual: Virtual): string {
  const port = /:(\d+)$/.exec(virtual.value)?.[1] ?? '';
  return settingOf([virtual.settings], 'service') ?? servicesByPort[port] ?? 'none';
}

/** Where its protocol is spoken, if no other port is named. */
export function usualPortOf(virtual: Virtual): number | undefined {
  const spoken = protocolSpoken(virtual);
  const [port] = Object.entries(servicesByPort).find(([, service]) => service === spoken) ?? [];
  return port === undefined ? undefined : Number(port);
}

function negotiated(
  virtual: Virtual,
  scopes: readonly (readonly Setting[])[],
  asked: Asked,
  say: Say,
): CheckEntry {
  const service = protocolSpoken(virtual);
  const request = asked.request ?? settingOf([virtual.settings], 'request');
  const receive = asked.receive ?? settingOf([virtual.settings], 'receive');
  const host = settingOf(scopes, 'virtualhost');
  switch (service) {
    case 'http':
    case 'https': {
      const method = settingOf([virtual.settings], 'httpmethod')?.toUpperCase();
      const settings = {
        ...(request !== undefined && { path: request.startsWith('/') ? request : `/${request}` }),
        ...(method !== undefined && method !== 'GET' && { method: method as 'HEAD' }),
        ...(host !== undefined && { host }),
        ...(receive !== undefined && { body: receive }),
      };
      return service === 'http' ? { http: settings } : { https: settings };
    }
    case 'dns':
      return {
        dns: {
          ...(request !== undefined && { name: request, type: 'A' }),
          ...(receive !== undefined && { expect: receive }),
        },
      };
    case 'smtp':
    case 'submission':
      return { smtp: {} };
    case 'simpletcp':
      return {
        tcp: {
          ...(request !== undefined && { send: unescaped(request) }),
          ...(receive !== undefined && { expect: receive }),
        },
      };
    case 'none':
      return connect(virtual);
    default:
      say(virtual.line, `service ${service}: there is no check that speaks it, a connection is made`);
      return connect(virtual);
  }
}

/** `\n` and `\r` stand for themselves in a request of simpletcp. */
function unescaped(text: string): string {
  return text.replaceAll('\\r', '\r').replaceAll('\\n', '\n');
}

/** ldirectord's defaults: every 10 s, 5 s for a connection, 30 s for an answer. */
function rhythmOf(
  scopes: readonly (readonly Setting[])[],
  type: string,
  say: Say,
  line: number,
): Partial<CheckEntry> {
  const number = (usual: number, ...keys: readonly string[]) => Number(settingOf(scopes, ...keys) ?? usual);
  const interval = number(10, 'checkinterval');
  const timeout =
    type === 'negotiate' ? number(30, 'negotiatetimeout') : number(5, 'checktimeout', 'connecttimeout');
  if (timeout > interval) say(line, `the timeout, ${timeout} s, becomes the interval, ${interval} s`);
  const fall = type === 'ping' ? number(1, 'checkcount', 'failurecount') : number(1, 'failurecount');
  return {
    interval: secondsText(interval),
    timeout: secondsText(Math.min(timeout, interval)),
    rise: 1,
    fall,
  };
}
