/** Settings that the kernel takes from two places. */

type Setting = (name: string) => string | undefined;

/** The larger of an interface's own value and that of all: so rp_filter, arp_ignore and arp_announce are read (ip-sysctl). */
export function effective(setting: Setting, family: 'ipv4' | 'ipv6', name: string, device: string): number {
  const of = (scope: string): number => Number(setting(`net.${family}.conf.${scope}.${name}`) ?? 0);
  return Math.max(of('all'), of(device.replaceAll('.', '/')));
}
