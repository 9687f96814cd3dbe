/** The whole file: what is left out is not managed, and stays as it is. */

import { type Static, Type } from 'typebox';
import { maxMark } from '../../ipvs/service.ts';
import { type SysctlName, sysctlNames, sysctls } from '../../ipvs/sysctl.ts';
import { api } from './api.ts';
import { check } from './checks.ts';
import { service } from './service.ts';
import { closed, duration, interfaceName, name, optional, ports, prefix, protocol } from './types.ts';

const family = Type.Union([Type.Literal(4), Type.Literal(6)], { title: 'an address family, 4 or 6' });
const markValue = Type.Union([Type.Integer({ minimum: 0, maximum: maxMark }), Type.String()], {
  title: 'a mark like 7, or with a mask, like 0x10/0xf0',
});

const markRule = Type.Object(
  {
    mark: markValue,
    family: optional(family, 'of the packets (that of the addresses, or both)'),
    destination: optional(prefix, 'where the packets go'),
    source: optional(prefix, 'where they come from'),
    protocol: optional(protocol, 'of the packets (any)'),
    ports: optional(ports, 'where they go (any)'),
    source_ports: optional(ports, 'where they come from (any)'),
    interface: optional(interfaceName, 'by which they come in (any)'),
    final: optional(Type.Boolean({ title: 'true or false' }), 'whether no later rule is tried (false)'),
  },
  { ...closed, title: 'a mark rule, like {mark: 7, destination: 192.0.2.0/24}' },
);

const sysctl = (setting: SysctlName) => {
  const { minimum, maximum, meaning } = sysctls[setting];
  return optional(Type.Integer({ minimum, maximum, title: `a value of ${setting}` }), meaning);
};

type SysctlEntries = Record<SysctlName, ReturnType<typeof sysctl>>;

const sysctlSection = Type.Object(
  Object.fromEntries(sysctlNames.map((each) => [each, sysctl(each)])) as SysctlEntries,
  { ...closed, title: "IPVS's settings, like {conn_reuse_mode: 3}" },
);

const timeoutSection = Type.Object(
  {
    tcp: optional(duration, 'of established connections (15m)'),
    tcp_fin: optional(duration, 'after a FIN (2m)'),
    udp: optional(duration, 'of UDP (5m)'),
  },
  { ...closed, title: 'timeouts, like {tcp: 15m}' },
);

const vipSection = Type.Record(interfaceName, Type.Array(prefix, { title: 'a list of addresses' }), {
  title: 'lists of addresses by interface, like {eth0: [192.0.2.10]}',
});

export const file = Type.Object(
  {
    version: optional(Type.Literal(1, { title: 'the version of this format, 1' }), 'of this format'),
    vips: optional(vipSection, 'virtual addresses that Fairlead puts on interfaces'),
    sysctls: optional(sysctlSection, 'settings that IPVS has under net.ipv4.vs; others stay'),
    timeouts: optional(timeoutSection, 'how long connections are kept; others stay'),
    marks: optional(Type.Array(markRule, { title: 'a list of mark rules' }), 'which packets have which mark'),
    api: optional(api, 'where the API listens besides its unix socket'),
    checks: optional(
      Type.Record(name, check, { title: 'checks by name' }),
      'health checks, for services to name',
    ),
    maintenance: optional(
      Type.String({ pattern: '^/', title: 'a path' }),
      'a directory: a file named after a service or a real server takes it out (none)',
    ),
    services: optional(Type.Array(service, { title: 'a list of services' }), 'all virtual services'),
  },
  { ...closed, title: 'a configuration, like {services: [{tcp: 192.0.2.10:80, servers: [10.0.0.11]}]}' },
);

export type FileEntry = Static<typeof file>;
export type MarkEntry = Static<typeof markRule>;
