/** What runs as a file that asks for it: applied to the same director it changes nothing. Pure. */

import { endpointText, type Family, familyOf, ipv4FromNumber } from '../ipvs/address.ts';
import { flagNamesOf } from '../ipvs/flag-names.ts';
import { type ApiListener, type ApiSettings, closedApi, isSameApi } from '../ipvs/listener.ts';
import type { MarkRule, PortRange } from '../ipvs/mark-rule.ts';
import { prefixText } from '../ipvs/prefix.ts';
import {
  type Destination,
  fullNetmask,
  maxMark,
  type Service,
  type ServiceConfiguration,
  serviceFamily,
} from '../ipvs/service.ts';
import { initialSysctls, type SysctlValues, sysctlNames } from '../ipvs/sysctl.ts';
import { type Vip, vipText } from '../ipvs/vip.ts';
import type { Running } from './configuration.ts';
import { withHealth } from './export-health.ts';
import { tunnelEntry } from './export-tunnel.ts';
import { secondsText } from './meaning/duration.ts';
import type { ApiEntry } from './schema/api.ts';
import type { FileEntry, MarkEntry } from './schema/file.ts';
import type { ServerEntry, ServiceEntry } from './schema/service.ts';

/** Settings that are at their default are left out; weights never are. */
export function exported({ services, vips, sysctls, timeouts, marks, api, health }: Running): FileEntry {
  const { tcp, tcpFin, udp } = timeouts;
  const notable = sysctlNames.filter((name) => sysctls[name] !== initialSysctls[name]);
  return {
    ...(vips.length > 0 && { vips: vipEntries(vips) }),
    ...(notable.length > 0 && { sysctls: sysctlEntries(sysctls, notable) }),
    timeouts: { tcp: secondsText(tcp), tcp_fin: secondsText(tcpFin), udp: secondsText(udp) },
    ...(marks.length > 0 && { marks: marks.map(markEntry) }),
    ...(!isSameApi(api, closedApi) && { api: apiEntry(api) }),
    ...withHealth(
      health,
      services.map((service) => ({ service, entry: serviceEntry(service) })),
    ),
  };
}

function apiEntry({ listeners, tokens, rate }: ApiSettings): ApiEntry {
  return {
    ...(listeners.length > 0 && { listen: listeners.map(listenerEntry) }),
    ...(tokens !== closedApi.tokens && { tokens }),
    ...(rate !== closedApi.rate && { rate }),
  };
}

function listenerEntry({
  address,
  port,
  place,
  tls,
  plainText,
}: ApiListener): NonNullable<ApiEntry['listen']>[number] {
  return {
    address: endpointText(address, port),
    ...(tls && { certificate: tls.certificate, key: tls.key }),
    ...(tls?.clientCa !== undefined && { client_ca: tls.clientCa }),
    ...(place !== 'namespace' && { place }),
    ...(plainText && { plain_text: true }),
  };
}

function sysctlEntries(values: SysctlValues, names: typeof sysctlNames): NonNullable<FileEntry['sysctls']> {
  return Object.fromEntries(names.map((name) => [name, values[name]]));
}

/** By interface, in their order. */
function vipEntries(vips: readonly Vip[]): NonNullable<FileEntry['vips']> {
  const names = [...new Set(vips.map((vip) => vip.interface))];
  return Object.fromEntries(
    names.map((name) => [name, vips.filter((vip) => vip.interface === name).map(vipText)]),
  );
}

/** A service with its real servers, the oldest first, so that adding them in this order makes the same list. */
export function serviceEntry(service: ServiceConfiguration): ServiceEntry {
  const { scheduler, flags, onePacket } = service;
  const servers = service.destinations.toReversed();
  const common = commonForwarding(servers);
  return {
    ...listening(service),
    scheduler,
    ...(flags.length > 0 && { flags: flagNamesOf(scheduler, flags) as NonNullable<ServiceEntry['flags']> }),
    ...persistenceEntry(service),
    ...(onePacket && { one_packet: true }),
    ...common,
    ...(servers.length > 0 && { servers: servers.map((server) => serverEntry(service, server, common)) }),
  };
}

function listening(service: Service): Pick<ServiceEntry, 'tcp' | 'udp' | 'sctp' | 'mark' | 'family'> {
  if (service.kind === 'mark') return { mark: service.mark, ...(service.family === 6 && { family: 6 }) };
  return { [service.protocol]: endpointText(service.address, service.port) };
}

function persistenceEntry(
  service: Pick<Service, 'persistent' | 'netmask' | 'engine'> & Parameters<typeof serviceFamily>[0],
): Pick<ServiceEntry, 'persistence'> {
  const { persistent, netmask, engine } = service;
  const family = serviceFamily(service);
  const isWhole = netmask === fullNetmask(family);
  if (persistent === 0 && isWhole && !engine) return {};
  const timeout = secondsText(persistent);
  if (isWhole && !engine) return { persistence: timeout };
  const mask = isWhole ? {} : { netmask: netmaskEntry(netmask, family) };
  return { persistence: { timeout, ...mask, ...(engine && { engine }) } };
}

function netmaskEntry(netmask: number, family: Family): number | string {
  return family === 4 ? ipv4FromNumber(netmask) : netmask;
}

type Forwarding = Pick<ServiceEntry, 'method' | 'tunnel'>;

function forwarding({ method, tunnel }: Pick<Destination, 'method' | 'tunnel'>): Forwarding {
  const usual = tunnel?.type === 'ipip' && tunnel.checksum === 'nocsum';
  return {
    ...(method !== 'gate' && { method }),
    ...(tunnel && !usual && { tunnel: tunnelEntry(tunnel) }),
  };
}

/** What all real servers have, if they are several. */
function commonForwarding(servers: readonly Destination[]): Forwarding {
  const texts = new Set(servers.map((server) => JSON.stringify(forwarding(server))));
  const [first] = servers;
  return first && servers.length > 1 && texts.size === 1 ? forwarding(first) : {};
}

function serverEntry(service: Service, server: Destination, common: Forwarding): ServerEntry {
  const { address, port, weight, upperThreshold, lowerThreshold } = server;
  const usualPort = service.kind === 'address' ? service.port : 0;
  const own = Object.keys(common).length > 0 ? {} : forwarding(server);
  return {
    address: port === usualPort ? address : endpointText(address, port),
    weight,
    ...own,
    ...(upperThreshold > 0 && { upper_threshold: upperThreshold }),
    ...(lowerThreshold > 0 && { lower_threshold: lowerThreshold }),
  };
}

/** One entry for one rule. */
function markEntry(rule: MarkRule): MarkEntry {
  const { family, protocol, target, source, targetPorts, sourcePorts, interface: name, value, mask } = rule;
  const ports = (range: PortRange | undefined): NonNullable<MarkEntry['ports']> | undefined =>
    range && [range.first === range.last ? range.first : `${range.first}-${range.last}`];
  const [own, others] = [ports(targetPorts), ports(sourcePorts)];
  const hasAddress = [target, source].some((prefix) => prefix && familyOf(prefix.address) === family);
  return {
    mark: mask === maxMark ? value : `0x${value.toString(16)}/0x${mask.toString(16)}`,
    ...(!hasAddress && { family }),
    ...(target && { destination: prefixText(target) }),
    ...(source && { source: prefixText(source) }),
    ...(protocol && { protocol }),
    ...(own && { ports: own }),
    ...(others && { source_ports: others }),
    ...(name !== undefined && { interface: name }),
    ...(rule.final && { final: true }),
  };
}
