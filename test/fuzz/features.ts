/** What configurations and packets may have beyond TCP and UDP over IPv4 by direct routing. Pure. */

export const features = [
  'ipv6',
  'sctp',
  'masq',
  'tunnel',
  'local',
  'persistence',
  'sip',
  'one-packet',
  'marks',
  'ftp',
  'thresholds',
  'fragments',
  'icmp',
  'oversize',
  'malformed',
  'sysctls',
  'defences',
  'timeouts',
  'pressure',
  'edits',
  'restart',
  'time',
] as const;
export type Feature = (typeof features)[number];

/** `all`, or a list: `ipv6,masq`; with `no-` in front of each, all but these. Throws RangeError. */
export function parseFeatures(text: string): ReadonlySet<Feature> {
  const words = text.split(',').filter((word) => word !== '' && word !== 'all');
  const named = (word: string): Feature => {
    const feature = features.find((name) => name === word.replace(/^no-/, ''));
    if (!feature) throw new RangeError(`no feature ${word}; there are ${features.join(', ')}`);
    return feature;
  };
  const wanted = words.filter((word) => !word.startsWith('no-')).map(named);
  const unwanted = words.filter((word) => word.startsWith('no-')).map(named);
  const base = text.includes('all') || wanted.length === 0 ? features : wanted;
  return new Set(base.filter((name) => !unwanted.includes(name)));
}
