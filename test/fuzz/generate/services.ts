/** Random services and real servers, such as a director would accept. */

import type { Random } from '../../../src/compare/random.ts';
import type { Family, Port } from '../../../src/ipvs/address.ts';
import { type Scheduler, schedulerFlags, schedulers } from '../../../src/ipvs/schedulers.ts';
import {
  type Destination,
  type ForwardingMethod,
  fullNetmask,
  type Protocol,
  type Service,
  type ServiceKey,
  serviceFamily,
  type Tunnel,
} from '../../../src/ipvs/service.ts';
import type { Feature } from '../features.ts';
import {
  addresses,
  ftpPorts,
  netmasks,
  often,
  persistences,
  serverPorts,
  thresholds,
  virtualPorts,
  weights,
} from './pools.ts';

export type Choice = { readonly random: Random; readonly features: ReadonlySet<Feature> };

/** twos draws lots; `none` chooses nobody. */
const usual: readonly Scheduler[] = schedulers.filter((name) => name !== 'twos' && name !== 'none');
const marks = [1, 7, 0xffffffff];

export function randomFamily({ random, features }: Choice): Family {
  return features.has('ipv6') && random.chance(0.4) ? 6 : 4;
}

export function randomProtocol({ random, features }: Choice): Protocol {
  return random.pick(
    features.has('sctp') ? (['tcp', 'tcp', 'udp', 'sctp'] as const) : (['tcp', 'udp'] as const),
  );
}

function randomKey(choice: Choice): ServiceKey {
  const { random, features } = choice;
  const family = randomFamily(choice);
  if (features.has('marks') && random.chance(0.15)) return { kind: 'mark', mark: random.pick(marks), family };
  const protocol = randomProtocol(choice);
  const address = random.pick(addresses[family].vips);
  if (features.has('persistence') && random.chance(0.12))
    return { kind: 'address', protocol, address, port: 0 as Port };
  const isFtp = features.has('ftp') && protocol === 'tcp' && random.chance(0.1);
  return { kind: 'address', protocol, address, port: random.pick(isFtp ? ftpPorts : virtualPorts) };
}

export function randomService(choice: Choice, key: ServiceKey = randomKey(choice)): Service {
  const { random, features } = choice;
  const scheduler = random.chance(0.01) ? 'none' : random.pick(usual);
  const isAnyPort = key.kind === 'address' && key.port === 0;
  const mayBePersistent = features.has('persistence');
  const persistent = isAnyPort || (mayBePersistent && random.chance(0.3)) ? random.pick(persistences) : 0;
  const isUdp = key.kind === 'mark' || key.protocol === 'udp';
  const hasEngine = persistent > 0 && features.has('sip') && isUdp && random.chance(0.3);
  return {
    ...key,
    scheduler,
    flags: random.chance(0.4) ? schedulerFlags.filter(() => random.chance(0.4)) : [],
    persistent,
    netmask: persistent > 0 ? random.pick(netmasks[serviceFamily(key)]) : fullNetmask(serviceFamily(key)),
    onePacket: features.has('one-packet') && isUdp && random.chance(0.2),
    ...(hasEngine && { engine: 'sip' }),
  };
}

/** A new real server of a service; or, with the address and port of `old`, another configuration of that one. */
export function randomServer(choice: Choice, service: ServiceKey, old?: Destination): Destination {
  const { random, features } = choice;
  const [method, tunnel] = randomMethod(choice);
  const family = serviceFamily(service);
  const other = family === 4 ? 6 : 4;
  const isMixed = tunnel !== undefined && features.has('ipv6') && random.chance(0.25);
  const pool = addresses[isMixed ? other : family];
  const isOwn = features.has('local') && method === 'gate' && random.chance(0.15);
  const [upperThreshold, lowerThreshold] =
    features.has('thresholds') && random.chance(0.15) ? random.pick(thresholds) : [0, 0];
  const place = old
    ? { address: old.address, port: old.port }
    : { address: random.pick(isOwn ? pool.own : pool.servers), port: randomPort(choice, service, method) };
  const kept = old && keptMethod(old, method, family);
  return {
    ...place,
    weight: random.pick(weights),
    upperThreshold,
    lowerThreshold,
    ...(kept ?? { method, ...(tunnel && { tunnel }) }),
  };
}

/** Of another family only tunnels may be; and only translation takes another port than the service's. */
function keptMethod(
  old: Destination,
  method: ForwardingMethod,
  family: Family,
): Pick<Destination, 'method' | 'tunnel'> | undefined {
  const isOtherFamily = old.address.includes(':') !== (family === 6);
  if (!isOtherFamily && (old.method !== 'masq' || method === 'masq')) return undefined;
  return { method: old.method, ...(old.tunnel && { tunnel: old.tunnel }) };
}

/** With -g and -i a real server has the service's port; by mark, one of its own or the packet's. */
function randomPort({ random }: Choice, service: ServiceKey, method: ForwardingMethod): Port {
  if (service.kind === 'mark') return random.pick([0 as Port, 0 as Port, ...serverPorts]);
  if (method !== 'masq') return service.port;
  return random.pick([service.port, ...serverPorts]);
}

function randomMethod({ random, features }: Choice): readonly [ForwardingMethod, Tunnel?] {
  if (features.has('masq') && random.chance(0.25)) return ['masq'];
  if (features.has('tunnel') && random.chance(0.3)) return ['ipip', random.pick(tunnels)];
  return ['gate'];
}

const tunnels = often<Tunnel>([
  [{ type: 'ipip', port: 0, checksum: 'nocsum' }, 3],
  [{ type: 'gue', port: 6080, checksum: 'nocsum' }, 1],
  [{ type: 'gue', port: 6080, checksum: 'csum' }, 1],
  [{ type: 'gue', port: 5555, checksum: 'remcsum' }, 1],
  [{ type: 'gre', port: 0, checksum: 'nocsum' }, 1],
  [{ type: 'gre', port: 0, checksum: 'csum' }, 1],
]);
