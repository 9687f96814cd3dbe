/** What somebody may have meant: the nearest of some words, or what other programs call the same. */

const otherNames: Readonly<Record<string, string>> = {
  // keepalived.conf(5), ldirectord(8), ipvsadm(8), and what people say.
  algorithm: 'scheduler',
  lb_algo: 'scheduler',
  lvs_sched: 'scheduler',
  real_server: 'servers',
  real_servers: 'servers',
  real: 'servers',
  backends: 'servers',
  destinations: 'servers',
  virtual_server: 'services',
  virtual: 'services',
  virtual_services: 'services',
  ip: 'address',
  rip: 'address',
  lb_kind: 'method',
  lvs_method: 'method',
  forward: 'method',
  forwarding: 'method',
  persistent: 'persistence',
  persistence_timeout: 'persistence',
  fwmark: 'mark',
  fallback: 'sorry_server',
  uthreshold: 'upper_threshold',
  lthreshold: 'lower_threshold',
  u_threshold: 'upper_threshold',
  l_threshold: 'lower_threshold',
  max_connections: 'upper_threshold',
  ops: 'one_packet',
  sched_flags: 'flags',
  health_checks: 'checks',
  healthcheck: 'checks',
  check: 'checks',
  delay_loop: 'interval',
  url: 'path',
  virtualhost: 'host',
  addresses: 'vips',
  virtual_ipaddress: 'vips',
  dr: 'gate',
  route: 'gate',
  direct: 'gate',
  gatewaying: 'gate',
  nat: 'masq',
  masquerading: 'masq',
  tun: 'ipip',
  tunnel: 'ipip',
  source: 'sh',
  maglev: 'mh',
  roundrobin: 'rr',
  leastconn: 'lc',
};

/** `: did you mean …?`, or nothing where no word is near. */
export function didYouMean(word: string, words: readonly string[]): string {
  const meant = nearest(word, words);
  return meant === undefined ? '' : `: did you mean \`${meant}\`?`;
}

function nearest(word: string, words: readonly string[]): string | undefined {
  const lower = word
    .toLowerCase()
    .replace(/^net[./]ipv4[./]vs[./]/, '')
    .replaceAll('-', '_');
  const same = words.find((each) => each.toLowerCase() === lower) ?? otherNames[lower];
  if (same !== undefined && words.includes(same)) return same;
  const limit = word.length < 4 ? 1 : Math.floor(word.length / 3);
  const near = words
    .map((each) => ({ each, far: distance(lower, each.toLowerCase()) }))
    .filter(({ each, far }) => far <= limit && far < each.length)
    .sort((a, b) => a.far - b.far);
  return near[0]?.each;
}

/** Insertions, deletions, replacements and swaps of neighbours that make one word the other (Damerau). */
export function distance(a: string, b: string): number {
  const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = cell(rows, i - 1, j - 1) + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swapped = isSwap ? cell(rows, i - 2, j - 2) + 1 : replaced;
      row.push(Math.min(cell(rows, i - 1, j) + 1, (row[j - 1] ?? 0) + 1, replaced, swapped));
    }
    rows.push(row);
  }
  return cell(rows, a.length, b.length);
}

function cell(rows: readonly (readonly number[])[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}
