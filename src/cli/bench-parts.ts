/** The parts of the benchmark, in the order in which they run: what the command line and the benchmark itself say of them. */

export const benchParts = {
  'per-packet': 'the programs on packets of many flows, against a swap of MACs',
  profile: 'where the time of a packet goes, by functions of the programs',
  live: 'frames as a driver feeds them: XDP into one veth, out of another',
  'end-to-end': 'real sockets: direct, the ceiling, Fairlead, HAProxy and nginx',
  churn: 'established flows during a SYN flood from another CPU',
  scale: 'memory, changes of a large service, expiry, ten million connections',
  reload: 'a file of 40,000 real servers: what it costs the daemon, how long others wait',
  ipvs: 'live frames beside kernel IPVS, in an emulated machine; only where it is named',
} as const;

export type BenchPart = keyof typeof benchParts;

/** A quick run ends about then: what there is no time for any more is left out, and said. */
export const quickSeconds = 120;

/** A line for each, for `--help`. */
export function benchPartLines(): string {
  const width = Math.max(...Object.keys(benchParts).map((name) => name.length)) + 2;
  return Object.entries(benchParts)
    .map(([name, about]) => `  ${name.padEnd(width)}${about}\n`)
    .join('');
}
