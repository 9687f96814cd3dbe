/**
 * IPVS's sysctls (net.ipv4.vs.*) by their own names: range, default and meaning, as
 * Documentation/networking/ipvs-sysctl.rst has them, and what Fairlead makes of each.
 */

export type Sysctl = {
  readonly minimum: number;
  readonly maximum: number;
  readonly initial: number;
  /** A sentence for `fairlead sysctl --help` and the documentation. */
  readonly meaning: string;
  /** Kept and shown, but without effect here; the reason why. */
  readonly inert?: string;
};

const off = { minimum: 0, maximum: 1, initial: 0 } as const;
const on = { minimum: 0, maximum: 1, initial: 1 } as const;
const defence = { minimum: 0, maximum: 3, initial: 0 } as const;
const largest = 0x7fffffff;

export const sysctls = {
  amemthresh: {
    minimum: 0,
    maximum: largest,
    initial: 1024,
    meaning: 'free memory, in pages, below which the defences of mode 1 begin',
  },
  am_droprate: {
    minimum: 1,
    maximum: largest,
    initial: 10,
    meaning: 'drop_packet=3 drops every n-th packet that would open a connection',
  },
  backup_only: {
    ...off,
    meaning: 'do not direct while the backup sync daemon runs',
    inert: 'comes with high availability',
  },
  cache_bypass: {
    ...off,
    meaning: 'send packets of a mark without real servers to where they were addressed',
  },
  conn_reuse_mode: {
    minimum: 0,
    maximum: 3,
    initial: 1,
    meaning:
      'a SYN on an entry: 0 keeps its server; bit 0 chooses anew in TIME_WAIT and CLOSE, bit 1 also in FIN_WAIT',
  },
  conntrack: { ...off, meaning: 'keep conntrack entries', inert: 'forwarded packets never reach conntrack' },
  drop_entry: {
    ...defence,
    meaning: 'thin out half-open and idle entries: 0 never, 1 when memory is low, 2 now, 3 always',
  },
  drop_packet: {
    ...defence,
    meaning: 'drop a share of new connections: 0 never, 1 when memory is low, 2 now, 3 always',
  },
  expire_nodest_conn: {
    ...off,
    meaning: 'end connections whose real server was deleted, instead of keeping them silent',
  },
  expire_quiescent_template: { ...off, meaning: 'a template whose real server has weight 0 chooses another' },
  ignore_tunneled: {
    ...off,
    meaning: 'leave what arrived through a tunnel to the stack',
    inert: 'what arrived through a tunnel is always left to the stack',
  },
  lblc_expiration: {
    minimum: 0,
    maximum: largest,
    initial: 86_400,
    meaning: 'seconds after which lblc forgets an unused address',
  },
  lblcr_expiration: {
    minimum: 0,
    maximum: largest,
    initial: 86_400,
    meaning: "seconds after which lblcr's set of an address loses its busiest member",
  },
  nat_icmp_send: {
    ...off,
    meaning: 'refuse by ICMP what a masqueraded real server sends from its port without a connection',
  },
  pmtu_disc: { ...on, meaning: 'refuse packets that are too big for a tunnel and may not be fragmented' },
  run_estimation: { ...on, meaning: 'keep the rates that --rate shows' },
  schedule_icmp: { ...off, meaning: 'an ICMP error may open a connection' },
  secure_tcp: {
    ...defence,
    meaning: 'TCP states that mistrust half-open connections: 0 never, 1 when memory is low, 2 now, 3 always',
  },
  sloppy_sctp: { ...off, meaning: 'any SCTP packet may open a connection' },
  sloppy_tcp: { ...off, meaning: 'any TCP segment but RST may open a connection' },
  snat_reroute: {
    ...on,
    meaning: 'route masqueraded replies anew',
    inert: 'replies are always routed by their new source',
  },
  sync_persist_mode: { ...off, meaning: 'synchronise templates only', inert: 'comes with high availability' },
  sync_ports: {
    minimum: 1,
    maximum: 64,
    initial: 1,
    meaning: 'ports of the sync daemon',
    inert: 'comes with high availability',
  },
  sync_refresh_period: {
    minimum: 0,
    maximum: largest,
    initial: 0,
    meaning: 'seconds between synchronisations of an entry',
    inert: 'comes with high availability',
  },
  sync_retries: {
    minimum: 0,
    maximum: 3,
    initial: 0,
    meaning: 'repeated synchronisations of an entry',
    inert: 'comes with high availability',
  },
} as const satisfies Readonly<Record<string, Sysctl>>;

export type SysctlName = keyof typeof sysctls;
export const sysctlNames = Object.keys(sysctls) as readonly SysctlName[];
export type SysctlValues = Readonly<Record<SysctlName, number>>;

export const initialSysctls = Object.fromEntries(
  sysctlNames.map((name) => [name, sysctls[name].initial]),
) as SysctlValues;

/** The values after some changes by name, or what is wrong with the first that cannot be made. */
export function changedSysctls(
  old: SysctlValues,
  changes: Readonly<Record<string, number>>,
): { readonly values: SysctlValues } | { readonly unknown: string } | { readonly outOfRange: string } {
  for (const [name, value] of Object.entries(changes)) {
    if (!isSysctlName(name)) return { unknown: name };
    const { minimum, maximum } = sysctls[name];
    if (!Number.isInteger(value) || value < minimum || value > maximum)
      return { outOfRange: `${name} = ${value}, which is ${minimum} to ${maximum}` };
  }
  return { values: { ...old, ...changes } };
}

export function isSysctlName(name: string): name is SysctlName {
  return Object.hasOwn(sysctls, name);
}
