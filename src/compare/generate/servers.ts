/** Random commands about real servers. Pure. */

import { addressOf, guePorts, type Host, self, servers } from '../network.ts';
import { endText } from '../scenario.ts';
import { ipvsadm, type Making, type Method, pickService, type Server, type Service } from './state.ts';

export function addServer(making: Making, service = pickService(making)): void {
  if (!service) return;
  const { random } = making;
  const host = pickHost(making);
  const known = service.servers.find((server) => server.host === host);
  if (known && random.chance(0.8)) return;
  const method = pickMethod(making, service, host);
  const server = known ?? { host, end: endOf(making, service, host, method), method };
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

function pickHost({ random, features }: Making): Host {
  return features.includes('local') && random.chance(0.2) ? self : random.pick(servers);
}

/** Through a tunnel it may be of the other family. */
function endOf({ random, features }: Making, service: Service, host: Host, method: Method) {
  const port = method === '-m' && random.chance(0.5) ? 8000 : service.port;
  const other = method === '-i' && features.includes('mixed') && random.chance(0.3);
  return { address: addressOf(host, service.ipv6 !== other), port };
}

/** The stack refuses datagrams that nobody expects, and IPv6's errors from behind a translation the kernel loses (known.ts). */
function pickMethod({ random, features }: Making, service: Service, host: Host): Method {
  const isRefused = host === self && service.ipv6 && !service.words.includes('-t');
  if (features.includes('nat') && random.chance(0.4)) return isRefused ? '-g' : '-m';
  if (features.includes('tunnel') && random.chance(0.4)) return '-i';
  return '-g';
}

function pickServer({ random }: Making, { servers: known }: Service): Server | undefined {
  return known.length === 0 ? undefined : random.pick(known);
}

function serverWords(service: Service, { end }: Server): readonly string[] {
  return [...service.words, '-r', endText(end)];
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
