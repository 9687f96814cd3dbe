/** Kernel settings of the calling process's namespace, by sysctl(8)'s names. */

import { readFileSync } from 'node:fs';

/** `net.ipv4.conf.eth0.rp_filter`; `undefined` where there is none. An interface's own dots are slashes. */
export function setting(name: string): string | undefined {
  const path = name
    .split('.')
    .map((part) => part.replaceAll('/', '.'))
    .join('/');
  try {
    return readFileSync(`/proc/sys/${path}`, 'utf8').trim();
  } catch {
    return undefined;
  }
}
