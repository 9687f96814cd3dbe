/** Random commands about services and real servers. Pure. */

import { addressOf, guePorts, servers } from '../network.ts';
import { endText, isIpv6 } from '../scenario.ts';
import {
  ipvsadm,
  type Making,
  type Method,
  type Server,
  type Service,
  serviceWords,
  type Transport,
} from './state.ts';

const ports = [80, 443, 8080, 53] as const;

/** All but twos, which draws lots. */
const schedulers = {
  ...{ rr: 3, wrr: 3, lc: 2, wlc: 4, sed: 2, nq: 2, fo: 1, ovf: 2, lblc: 2, lblcr: 2, dh: 1, sh: 2, mh: 2 },
  none: 0,
} as const;

const unknownScheduler = 'nosuch';

export function addService(making: Making): void {
  const { random, services } = making;
  const transport = pickTransport(making);
  const end = { address: pickVip(making), port: random.pick(ports) };
  const persistent = making.features.includes('persistence') && random.chance(0.4);
  const anyPort = persistent && random.chance(0.15);
  const onePacket = transport === 'udp' && making.features.includes('ops') && random.chance(0.3);
  const service = { transport, end: anyPort ? { ...end, port: 0 } : end, persistent, onePacket, servers: [] };
  const known = find(making, service);
  if (known && random.chance(0.7)) return;
  ipvsadm(making, '-A', ...serviceWords(service), ...serviceSettings(making, service));
  if (!known) services.push(service);
}

export function editService(making: Making): void {
  const service = pickService(making);
  if (!service) return;
  ipvsadm(making, '-E', ...serviceWords(service), ...serviceSettings(making, service));
}

export function deleteService(making: Making): void {
  const service = pickService(making);
  if (!service || (isLast(making, service) && !making.features.includes('emptied'))) return;
  ipvsadm(making, '-D', ...serviceWords(service));
  making.services.splice(making.services.indexOf(service), 1);
}

/** Whether the director would have no service of this address family any more. */
function isLast({ services }: Making, { end }: Service): boolean {
  return services.filter((service) => isIpv6(service.end.address) === isIpv6(end.address)).length === 1;
}

export function clear(making: Making): void {
  if (!making.features.includes('emptied')) return;
  ipvsadm(making, '-C');
  making.services.length = 0;
}

export function zero(making: Making): void {
  const service = pickService(making);
  ipvsadm(making, '-Z', ...(service && making.random.chance(0.5) ? serviceWords(service) : []));
}

export function addServer(making: Making, service = pickService(making)): void {
  if (!service) return;
  const { random } = making;
  const host = random.pick(servers);
  const known = service.servers.find((server) => server.host === host);
  if (known && random.chance(0.8)) return;
  const method = pickMethod(making);
  const port = method === '-m' && random.chance(0.5) ? 8000 : service.end.port;
  const server = known ?? { host, end: { address: addressOf(host, service.end.address), port }, method };
  ipvsadm(making, '-a', ...serverWords(service, server), ...serverSettings(making, method));
  if (!known) service.servers.unshift(server);
}

export function editServer(making: Making): void {
  const service = pickService(making);
  const server = service && pickServer(making, service);
  if (!service || !server) return;
  ipvsadm(making, '-e', ...serverWords(service, server), ...serverSettings(making, server.method));
}

export function deleteServer(making: Making): void {
  const service = pickService(making);
  const server = service && pickServer(making, service);
  if (!service || !server) return;
  ipvsadm(making, '-d', ...serverWords(service, server));
  service.servers.splice(service.servers.indexOf(server), 1);
}

/** Commands about what is not there. */
export function mistake(making: Making): void {
  const { random } = making;
  const service = pickService(making);
  const absent = { transport: 'tcp', end: { address: making.slot.ipv4[0] ?? '', port: 9999 } } as const;
  const stranger = ['-r', '10.0.0.99:80'];
  const rows: readonly (readonly string[])[] = [
    ['-D', ...serviceWords(absent)],
    ['-E', ...serviceWords(absent), '-s', 'rr'],
    ['-Z', ...serviceWords(absent)],
    ['-a', ...serviceWords(absent), ...stranger],
    ['-Ln', ...serviceWords(absent)],
    ...(service && !isIpv6(service.end.address)
      ? [
          ['-d', ...serviceWords(service), ...stranger],
          ['-e', ...serviceWords(service), ...stranger],
          ['-a', ...serviceWords(service), '-r', '224.0.0.1:80'],
          ['-E', ...serviceWords(service), '-s', unknownScheduler],
          ['-Ln', ...serviceWords(service)],
        ]
      : []),
  ];
  ipvsadm(making, ...random.pick(rows));
}

export function timeouts(making: Making): void {
  const pick = () => String(making.random.pick([0, 30, 60, 100, 1000]));
  ipvsadm(making, '--set', pick(), pick(), pick());
  if (making.random.chance(0.3)) ipvsadm(making, '-L', '--timeout');
}

/** Short enough to be waited for, and the waiting. */
export function expiry(making: Making): void {
  const { random } = making;
  if (random.chance(0.6)) ipvsadm(making, '--set', '2', '2', '2');
  making.steps.push({ kind: 'pause', seconds: 4.5 });
}

export function pickService({ random, services }: Making): Service | undefined {
  return services.length === 0 ? undefined : random.pick(services);
}

function find(
  { services }: Making,
  { transport, end }: Pick<Service, 'transport' | 'end'>,
): Service | undefined {
  return services.find((service) => service.transport === transport && endText(service.end) === endText(end));
}

function pickTransport({ random, features }: Making): Transport {
  if (features.includes('sctp') && random.chance(0.25)) return 'sctp';
  return random.chance(0.7) ? 'tcp' : 'udp';
}

function pickVip({ random, features, slot }: Making): string {
  return random.pick(features.includes('ipv6') && random.chance(0.4) ? slot.ipv6 : slot.ipv4);
}

function pickMethod({ random, features }: Making): Method {
  if (features.includes('nat') && random.chance(0.4)) return '-m';
  if (features.includes('tunnel') && random.chance(0.4)) return '-i';
  return '-g';
}

function pickServer({ random }: Making, { servers: known }: Service): Server | undefined {
  return known.length === 0 ? undefined : random.pick(known);
}

function serviceSettings(making: Making, { onePacket, persistent, end }: Service): readonly string[] {
  const { random } = making;
  const scheduler = random.weighted(schedulers);
  const mask = isIpv6(end.address) ? ['64', '120'] : ['255.255.255.0', '255.255.255.252', '255.0.0.0'];
  return [
    ...(scheduler === 'wlc' && random.chance(0.3) ? [] : ['-s', scheduler]),
    ...(random.chance(0.5) ? flagsFor(making, scheduler) : []),
    ...(persistent ? ['-p', ...(random.chance(0.7) ? [random.pick(['30', '100', '3600'])] : [])] : []),
    ...(persistent && random.chance(0.4) ? ['-M', random.pick(mask)] : []),
    ...(onePacket ? ['-o'] : []),
  ];
}

function flagsFor({ random }: Making, scheduler: string): readonly string[] {
  if (scheduler === 'sh' || scheduler === 'mh') {
    const own = [`${scheduler}-fallback`, `${scheduler}-port`];
    return ['-b', random.pick([...own, own.join(',')])];
  }
  return random.chance(0.15) ? ['-b', random.pick(['flag-1', 'flag-2', 'flag-1,flag-3'])] : [];
}

function serverWords(service: Service, { end }: Server): readonly string[] {
  return [...serviceWords(service), '-r', endText(end)];
}

function serverSettings(making: Making, method: Method): readonly string[] {
  const { random, features } = making;
  const upper = random.below(4);
  return [
    ...(method === '-g' && random.chance(0.3) ? [] : [method]),
    ...(method === '-i' ? tunnelSettings(making) : []),
    ...(random.chance(0.7) ? ['-w', weight(making)] : []),
    ...(features.includes('thresholds') && random.chance(0.4) ? ['-x', String(upper)] : []),
    ...(features.includes('thresholds') && random.chance(0.15)
      ? ['-y', String(random.below(upper + 1))]
      : []),
  ];
}

function weight({ random }: Making): string {
  if (random.chance(0.04)) return random.pick(['65535', '65536', '2147483647']);
  return String(random.pick([0, 1, 1, 2, 2, 3, 4, 5, 10, 100]));
}

function tunnelSettings({ random }: Making): readonly string[] {
  switch (random.weighted({ plain: 2, ipip: 1, gue: 2, gre: 2 })) {
    case 'plain':
      return [];
    case 'ipip':
      return ['--tun-type', 'ipip'];
    case 'gue': {
      const sums = random.pick([[], ['--tun-nocsum'], ['--tun-csum'], ['--tun-remcsum']]);
      return ['--tun-type', 'gue', '--tun-port', String(random.pick(guePorts)), ...sums];
    }
    case 'gre':
      return ['--tun-type', 'gre', ...random.pick([[], ['--tun-nocsum'], ['--tun-csum']])];
  }
}
