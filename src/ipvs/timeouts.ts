/** The three timeouts that `ipvsadm --set` knows, in seconds: TCP when established, TCP after a FIN, UDP. */
export type Timeouts = { readonly tcp: number; readonly tcpFin: number; readonly udp: number };

/** What is in force after a change, in which 0 keeps what was. */
export function changedTimeouts(old: Timeouts, change: Timeouts): Timeouts {
  return {
    tcp: change.tcp || old.tcp,
    tcpFin: change.tcpFin || old.tcpFin,
    udp: change.udp || old.udp,
  };
}

/** Longest time that `-p` and `--set` take, in seconds: 31 days. */
export const maxTimeoutSeconds = 31 * 24 * 3600;
