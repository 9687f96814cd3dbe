/** The declarative description of a lab: hosts, and the layer-2 segments between them. Pure data. */

/** One lab's wiring. Hosts are plugged into a segment in the order in which they are declared. */
export type Topology = {
  readonly name: string;
  readonly about: string;
  /** Layer-2 segments; each becomes a bridge in a namespace of its own. */
  readonly segments: readonly string[];
  readonly hosts: Readonly<Record<string, Host>>;
};

export type Host = {
  readonly about?: string;
  /** In a lab that is left standing a web server says its name, on port 80 of all its addresses. */
  readonly hasPage?: true;
  readonly interfaces: Readonly<Record<string, Interface>>;
  /** In the words of `ip route add`: `default via 10.0.0.1`. */
  readonly routes?: readonly string[];
  /** On top of the kernel's defaults, which every host gets: `net.ipv4.ip_forward: 1`. */
  readonly sysctls?: Readonly<Record<string, number | string>>;
};

export type Interface = {
  readonly segment: string;
  /** With prefix length: `172.25.138.1/24`, `2001:db8::1/64`. The first one, of IPv4, also gives the MAC, see plan.ts. */
  readonly addresses: readonly string[];
};

/** The longest interface name the kernel takes is 15 characters, and a bridge port is `<host>-<interface>`. */
const longestPort = 15;
const validName = /^[a-z][a-z0-9]*$/;
const cidr = /^(\d{1,3}(\.\d{1,3}){3}\/\d{1,2}|[0-9a-f:]*:[0-9a-f:]*\/\d{1,3})$/;

/** Everything that is wrong with a topology, one sentence each; empty when it can be built. */
export function topologyFaults(topology: Topology): readonly string[] {
  const names = [...topology.segments, ...Object.keys(topology.hosts)];
  const faults = names
    .filter((name) => !validName.test(name))
    .map((name) => `"${name}" is not a name: a small letter, then small letters and digits`);
  for (const name of new Set(names.filter((name, at) => names.indexOf(name) !== at))) {
    faults.push(`"${name}" is there twice: hosts and segments share one set of names`);
  }
  for (const [host, { interfaces }] of Object.entries(topology.hosts)) {
    for (const [device, { segment, addresses }] of Object.entries(interfaces)) {
      const where = `${host} ${device}`;
      if (!topology.segments.includes(segment)) faults.push(`${where}: there is no segment "${segment}"`);
      if (`${host}-${device}`.length > longestPort)
        faults.push(`${where}: the two names are too long together`);
      for (const address of addresses.filter((address) => !cidr.test(address))) {
        faults.push(`${where}: "${address}" is not an address with a prefix length`);
      }
    }
  }
  return faults;
}

/** A host's first address, without its prefix length; `undefined` when the topology gives it none. */
export function addressOf(topology: Topology, host: string): string | undefined {
  const interfaces = Object.values(topology.hosts[host]?.interfaces ?? {});
  return interfaces.flatMap(({ addresses }) => addresses)[0]?.split('/')[0];
}
