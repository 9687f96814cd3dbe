/** The sysctls of IPVS that scenarios set: name, usual value, and values that make a difference. Pure. */

export type Sysctl = { readonly name: string; readonly usual: string; readonly values: readonly string[] };

const row = (name: string, usual: string, ...values: readonly string[]): Sysctl => ({ name, usual, values });

export const sysctlRows: readonly Sysctl[] = [
  row('conn_reuse_mode', '1', '0', '1', '2', '3'),
  row('expire_nodest_conn', '0', '0', '1'),
  row('expire_quiescent_template', '0', '0', '1'),
  row('sloppy_tcp', '0', '0', '1'),
  row('sloppy_sctp', '0', '0', '1'),
  row('schedule_icmp', '0', '0', '1'),
  row('secure_tcp', '0', '0', '3'),
  row('nat_icmp_send', '0', '0', '1'),
  row('pmtu_disc', '1', '0', '1'),
];

/** Those of drop_packet: they are changed together, in their order. */
export const defenceRows: readonly Sysctl[] = [row('drop_packet', '0'), row('am_droprate', '10')];
