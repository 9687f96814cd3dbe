/** A virtual server of keepalived as services. */

import { familyOf, parseAddress } from '../../../ipvs/address.ts';
import { flagNames } from '../../../ipvs/flag-names.ts';
import type { ServerEntry, ServiceEntry } from '../../schema/service.ts';
import { type CheckNames, withSharedChecks } from '../check-names.ts';
import type { Say } from '../imported.ts';
import { type Groups, listeningOf } from './addresses.ts';
import { checksOf, isChecker } from './checkers.ts';
import { numberOf, timeText } from './numbers.ts';
import { find, type Statement } from './syntax.ts';

/** What is used below, or said by defaults of keepalived's checkers; anything else is not taken over. */
const known = [
  ...['lvs_sched', 'lb_algo', 'lvs_method', 'lb_kind', 'protocol', 'ip_family', 'ops', ...flagNames],
  ...['persistence_timeout', 'persistence_granularity', 'persistence_engine', 'quorum', 'hysteresis'],
  ...['sorry_server', 'sorry_server_lvs_method', 'inhibit_on_failure', 'alpha', 'virtualhost', 'real_server'],
  ...['delay_loop', 'connect_timeout', 'retry', 'nb_get_retry', 'weight', 'uthreshold', 'lthreshold'],
];

const methods: Readonly<Record<string, 'gate' | 'ipip' | 'masq'>> = { DR: 'gate', TUN: 'ipip', NAT: 'masq' };

/** One entry; services by mark of both families are two. */
export function servicesOf(
  server: Statement,
  groups: Groups,
  checks: CheckNames,
  say: Say,
): readonly ServiceEntry[] {
  const block = server.block ?? [];
  sayUnknown(block, say);
  const { endpoints, marks } = listeningOf(server, groups, say);
  const protocol = (find(block, 'protocol')?.words[0] ?? 'TCP').toLowerCase() as 'tcp' | 'udp' | 'sctp';
  const settings = serviceSettings(block, say);
  const entry = (listening: ServiceEntry): ServiceEntry => {
    const { method, tunnel, ...rest } = { ...listening, ...settings };
    const servers = block
      .filter(({ keyword }) => keyword === 'real_server')
      .flatMap((real) => realServer(real, block, listening, method ?? 'gate', checks, say));
    return withSharedChecks(
      { ...rest, ...(method !== 'gate' && { method }), ...(tunnel && { tunnel }) } as ServiceEntry,
      servers,
    );
  };
  return [
    ...(endpoints.length > 0 ? [entry({ [protocol]: oneOrMany(endpoints) })] : []),
    ...([4, 6] as const).flatMap((family) => {
      const own = marks.filter((each) => each.family === family).map(({ mark }) => mark);
      return own.length > 0 ? [entry({ mark: oneOrMany(own), ...(family === 6 && { family }) })] : [];
    }),
  ];
}

function oneOrMany<T>(values: readonly T[]): T | T[] {
  const [first] = values;
  return first !== undefined && values.length === 1 ? first : [...values];
}

function sayUnknown(block: readonly Statement[], say: Say): void {
  for (const { keyword, line } of block)
    if (!known.includes(keyword) && !isChecker(keyword)) say(line, keyword);
}

function serviceSettings(block: readonly Statement[], say: Say): ServiceEntry {
  const scheduler = find(block, 'lvs_sched', 'lb_algo')?.words[0] as ServiceEntry['scheduler'];
  const flags = flagNames.filter((name) => find(block, name));
  const quorum = numberOf([block], say, 'quorum');
  const hysteresis = numberOf([block], say, 'hysteresis');
  return {
    ...(scheduler !== undefined && { scheduler }),
    ...(flags.length > 0 && { flags: [...flags] }),
    ...persistenceOf(block, say),
    ...(find(block, 'ops') && { one_packet: true }),
    ...forwardingOf(find(block, 'lvs_method', 'lb_kind'), say),
    ...(inhibits(block, say) && { on_failure: 'quiesce' as const }),
    ...(quorum !== undefined && { quorum }),
    ...(hysteresis !== undefined && hysteresis > 0 && { hysteresis }),
    ...sorryOf(block, say),
  };
}

function persistenceOf(block: readonly Statement[], say: Say): ServiceEntry {
  const statement = find(block, 'persistence_timeout');
  if (!statement) return {};
  const timeout =
    statement.words.length === 0 ? '6m' : timeText(numberOf([block], say, 'persistence_timeout') ?? 360);
  const granularity = find(block, 'persistence_granularity')?.words[0];
  const netmask = granularity?.includes('.') ? granularity : Number(granularity);
  const engine = find(block, 'persistence_engine')?.words[0] as 'sip' | undefined;
  if (granularity === undefined && engine === undefined) return { persistence: timeout };
  return {
    persistence: { timeout, ...(granularity !== undefined && { netmask }), ...(engine && { engine }) },
  } as ServiceEntry;
}

/** `DR`, `TUN type gue port 6080 csum`; without a word keepalived masquerades. */
function forwardingOf(statement: Statement | undefined, say: Say): Pick<ServiceEntry, 'method' | 'tunnel'> {
  if (!statement) return { method: 'masq' };
  const [kind = '', ...words] = statement.words;
  const method = methods[kind.toUpperCase()];
  if (!method) say(statement.line, `${statement.keyword} ${kind}`);
  const behind = (name: string): string | undefined => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : words[at + 1];
  };
  const [type, port] = [behind('type') as 'gue' | undefined, behind('port')];
  const checksum = (['nocsum', 'csum', 'remcsum'] as const).find((name) => words.includes(name));
  if (method !== 'ipip' || type === undefined) return { method: method ?? 'gate' };
  return { method, tunnel: { type, ...(port && { port: Number(port) }), ...(checksum && { checksum }) } };
}

/** Whether failing real servers stay with weight 0. That is of a service here. */
function inhibits(block: readonly Statement[], say: Say): boolean {
  if (find(block, 'inhibit_on_failure')) return true;
  const servers = block.filter(({ keyword }) => keyword === 'real_server');
  const own = servers.flatMap((server) => find(server.block ?? [], 'inhibit_on_failure') ?? []);
  if (own.length === 0) return false;
  if (own.length < servers.length)
    say(
      own[0]?.line ?? 0,
      'inhibit_on_failure of some real servers: here it is of a whole service, and is left out',
    );
  return own.length === servers.length;
}

function sorryOf(block: readonly Statement[], say: Say): ServiceEntry {
  const statement = find(block, 'sorry_server');
  if (!statement) return {};
  const { method, tunnel } = forwardingOf(
    find(block, 'sorry_server_lvs_method', 'lvs_method', 'lb_kind'),
    say,
  );
  const address = addressText(statement, method ?? 'gate', undefined, say);
  if (address === undefined) return {};
  const own = find(block, 'sorry_server_lvs_method') ? { method, ...(tunnel && { tunnel }) } : {};
  return { sorry_server: Object.keys(own).length === 0 ? address : { address, ...own } } as ServiceEntry;
}

function realServer(
  real: Statement,
  outer: readonly Statement[],
  listening: ServiceEntry,
  usual: 'gate' | 'ipip' | 'masq',
  names: CheckNames,
  say: Say,
): readonly ServerEntry[] {
  const block = real.block ?? [];
  sayUnknown(block, say);
  const own = find(block, 'lvs_method', 'lb_kind');
  const forwarding = own ? forwardingOf(own, say) : {};
  const method = forwarding.method ?? usual;
  const address = addressText(real, method, listening, say);
  if (address === undefined) return [];
  const weight = numberOf([block, outer], say, 'weight');
  const [upper, lower] = [numberOf([block], say, 'uthreshold'), numberOf([block], say, 'lthreshold')];
  const checks = block
    .filter(({ keyword }) => isChecker(keyword))
    .flatMap((checker) => checksOf(checker, [block, outer], lostPort(real, method, listening), say))
    .map((check) => names.nameOf(check));
  return [
    {
      address,
      ...(weight !== undefined && { weight }),
      ...forwarding,
      ...(upper !== undefined && { upper_threshold: upper }),
      ...(lower !== undefined && { lower_threshold: lower }),
      ...(checks.length > 0 && { checks }),
    },
  ];
}

/** With its port where that means something: for masq, and for marks. */
function addressText(
  real: Statement,
  method: string,
  listening: ServiceEntry | undefined,
  say: Say,
): string | undefined {
  const { words, line } = real;
  const [text = '', port] = words;
  const address = parseAddress(text);
  if (address === undefined) {
    say(line, `${text} is not an address: names are not looked up`);
    return undefined;
  }
  if (isUsualPort(port, listening)) return address;
  if (lostPort(real, method, listening) !== undefined) {
    if (listening)
      say(line, `port ${port} of ${address}: only masquerading can change a port; its checks keep it`);
    return address;
  }
  return familyOf(address) === 6 ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What its checkers ask, and what a real server here cannot have. */
function lostPort(
  { words: [, port] }: Statement,
  method: string,
  listening: ServiceEntry | undefined,
): number | undefined {
  const isLost = !isUsualPort(port, listening) && method !== 'masq' && listening?.mark === undefined;
  return isLost ? Number(port) : undefined;
}

/** That of the service, or none. */
function isUsualPort(port: string | undefined, listening: ServiceEntry | undefined): boolean {
  if (port === undefined || port === '0') return true;
  const endpoints = [listening?.tcp ?? listening?.udp ?? listening?.sctp ?? []].flat();
  return endpoints.length > 0 && endpoints.every((endpoint) => endpoint.endsWith(`:${port}`));
}
