/** Sections of test/golden/states.txt, which was recorded from real IPVS: what stands under each title. */

import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('../golden/states.txt', import.meta.url), 'utf8');
const sections = new Map(
  text
    .split(/^== /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section.split('\n').slice(1)] as const),
);

/** The lines under a title, without empty ones and remarks. Throws if there is no such title. */
export function linesOf(title: string): readonly string[] {
  const lines = sections.get(title);
  if (!lines) throw new Error(`states.txt has no section ${title}`);
  return lines.filter((line) => line.trim() !== '' && !line.startsWith('('));
}

/** What `ipvsadm -Lcn` and `-Ln` listed, without their headings. */
export type Listing = { readonly connections: readonly string[]; readonly servers: readonly string[] };

/** The listings under a title, one for each time that somebody looked. */
export function listingsOf(title: string): readonly Listing[] {
  return linesOf(title)
    .join('\n')
    .split('$ ipvsadm -Lcn\n')
    .slice(1)
    .map((both) => {
      const [connections = '', rest = ''] = both.split('$ ipvsadm -Ln\n');
      const servers = rest.split(/^(?=#|IPVS|IP Virtual)/m).find((part) => part.includes('Forward')) ?? '';
      return {
        connections: connections.split('\n').filter((line) => /^\w+ +\d+:\d\d /.test(line)),
        servers: servers.split('\n').filter((line) => line.startsWith('  -> ') && !line.includes('Remote')),
      };
    });
}
