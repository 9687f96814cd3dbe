/** Random commands about services. Pure. */

import type { Endpoint } from '../scenario.ts';
import { addMarkRule } from './marks.ts';
import {
  find,
  ipvsadm,
  isOfIpv6,
  type Making,
  pickService,
  pickTransport,
  pickVip,
  ports,
  remember,
  type Service,
  serviceWords,
  type Target,
} from './state.ts';

/** All but twos, which draws lots. */
const schedulers = {
  ...{ rr: 3, wrr: 3, lc: 2, wlc: 4, sed: 2, nq: 2, fo: 1, ovf: 2, lblc: 2, lblcr: 2, dh: 1, sh: 2, mh: 2 },
  none: 0,
} as const;

const ftpPort = 21;

export function addService(making: Making): void {
  const { random, services, features } = making;
  const service = features.includes('marks') && random.chance(0.25) ? byMark(making) : byAddress(making);
  if (find(services, service.words) && random.chance(0.7)) return;
  ipvsadm(making, '-A', ...service.words, ...settingsOf(making, service));
  remember(making, service);
}

export function editService(making: Making): void {
  const service = pickService(making);
  if (!service) return;
  ipvsadm(making, '-E', ...service.words, ...settingsOf(making, service));
}

export function deleteService(making: Making): void {
  const service = pickService(making);
  if (!service || (isLast(making, service) && !making.features.includes('emptied'))) return;
  ipvsadm(making, '-D', ...service.words);
  making.services.splice(making.services.indexOf(service), 1);
}

export function clear(making: Making): void {
  if (!making.features.includes('emptied')) return;
  ipvsadm(making, '-C');
  making.services.length = 0;
}

export function zero(making: Making): void {
  const service = pickService(making);
  ipvsadm(making, '-Z', ...(service && making.random.chance(0.5) ? service.words : []));
}

/** Whether the director would have no service of this address family any more. */
function isLast({ services }: Making, { ipv6 }: Service): boolean {
  return services.filter((service) => service.ipv6 === ipv6).length === 1;
}

/** With rules that give packets its mark. */
function byMark(making: Making): Service {
  const { random, features, slot } = making;
  const mark = random.pick(slot.marks);
  const ipv6 = features.includes('ipv6') && random.chance(0.3);
  const words = ['-f', String(mark), ...(ipv6 ? ['-6'] : [])];
  const service = { ...kindOf(making, true), words, ipv6, port: 0, targets: [], sip: false, servers: [] };
  const rules = 1 + random.below(3);
  for (let count = 0; count < rules; count += 1) addMarkRule(making, service, mark);
  return service;
}

function byAddress(making: Making): Service {
  const { random, features } = making;
  const transport = pickTransport(making);
  const end = { address: pickVip(making), port: random.pick(ports) };
  const kind = kindOf(making, transport === 'udp');
  const target = { transport, end: specialPort(making, end, transport === 'tcp', kind.persistent) };
  return {
    ...kind,
    words: serviceWords(target),
    ipv6: isOfIpv6(target),
    port: target.end.port,
    targets: targetsOf(target),
    sip: features.includes('sip') && kind.persistent && transport === 'udp' && random.chance(0.6),
    servers: [],
  };
}

function kindOf({ random, features }: Making, mayBeOnePacket: boolean) {
  const persistent = features.includes('persistence') && random.chance(0.4);
  const onePacket = mayBeOnePacket && features.includes('ops') && random.chance(0.3);
  return { persistent, onePacket };
}

/** Every port, or the one of FTP, whose services get its data, too. */
function specialPort(
  { random, features }: Making,
  end: Endpoint,
  isTcp: boolean,
  persistent: boolean,
): Endpoint {
  if (persistent && random.chance(0.15)) return { ...end, port: 0 };
  return isTcp && features.includes('ftp') && random.chance(0.1) ? { ...end, port: ftpPort } : end;
}

function targetsOf({ transport, end }: Target): Target[] {
  const others = { 0: [80, 2000, 3000], [ftpPort]: [ftpPort, 20, 2000] }[end.port];
  return (others ?? [end.port]).map((port) => ({ transport, end: { ...end, port } }));
}

function settingsOf(making: Making, { onePacket, persistent, sip, ipv6 }: Service): readonly string[] {
  const { random } = making;
  const scheduler = random.weighted(schedulers);
  const mask = ipv6 ? ['64', '120'] : ['255.255.255.0', '255.255.255.252', '255.0.0.0'];
  return [
    ...(scheduler === 'wlc' && random.chance(0.3) ? [] : ['-s', scheduler]),
    ...(random.chance(0.5) ? flagsFor(making, scheduler) : []),
    ...(persistent ? ['-p', ...(random.chance(0.7) ? [random.pick(['30', '100', '3600'])] : [])] : []),
    ...(persistent && random.chance(0.4) ? ['-M', random.pick(mask)] : []),
    ...(sip ? ['--pe', 'sip'] : []),
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
