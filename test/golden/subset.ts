/**
 * What real ipvsadm answered, step by step, and where Fairlead answers otherwise: docs/ipvsadm-compatibility.md says so
 * in its table, and nowhere else. Both replays, against the director in memory and against the real one, ask here.
 */

import { readFileSync } from 'node:fs';
import { parseIpv4 } from '../../src/ipvs/address.ts';
import { createNames, type Names } from '../../src/ipvsadm/names.ts';

/** One recorded command. `@hosts` and `@nsswitch` are none: `stdin` becomes /etc/hosts, /etc/nsswitch.conf. */
export type GoldenStep = {
  readonly group: string;
  readonly cmd: string;
  readonly stdin?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number;
  /** The order of the lines came from a hash with a random seed. */
  readonly unstable?: boolean;
};

/** The steps of a golden file in this directory. */
export function readGolden(name: string): readonly GoldenStep[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as GoldenStep);
}

/** The recorded commands that are answered otherwise: the last column of the table. */
export function excusedCommands(): ReadonlySet<string> {
  const cells = compatibilityTable('what').map((row) => row.at(-1) ?? '');
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, cmd = '']) => cmd)));
}

/** The rows of that table of docs/ipvsadm-compatibility.md whose first heading is this, without headings. */
export function compatibilityTable(heading: string): readonly (readonly string[])[] {
  const text = readFileSync(new URL('../../docs/ipvsadm-compatibility.md', import.meta.url), 'utf8');
  const rows = text.split('\n').map((line) => line.split('|').map((cell) => cell.trim()));
  const first = rows.findIndex(([, cell]) => cell === heading) + 2;
  const count = rows.slice(first).findIndex(({ length }) => length === 1);
  return rows.slice(first, first + count).map((row) => row.slice(1, -1));
}

/** The words of a recorded shell command; single quotes are all the quoting there is. */
export function shellWords(cmd: string): readonly string[] {
  const words = cmd.match(/(?:'[^']*'|[^\s'])+/g) ?? [];
  return words.map((word) => word.replaceAll("'", ''));
}

/** Names as they were where the goldens were recorded: Debian's services, no DNS, and this /etc/hosts. */
export function goldenNames(hosts: string): Names {
  const files: Readonly<Record<string, string>> = { '/etc/hosts': hosts, '/etc/services': servicesText };
  return createNames({
    readText: (path) => Promise.resolve(files[path] ?? ''),
    lookup: (host) => {
      const lines = hosts.split('\n').map((line) => line.replace(/#.*/, '').toLowerCase().split(/\s+/));
      const known = lines.find(
        ([address = '', ...names]) => parseIpv4(address) && names.includes(host.toLowerCase()),
      );
      const address = known?.[0];
      return address === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(address);
    },
    reverse: () => Promise.reject(new Error('ENOTFOUND')),
  });
}

export const goldenHosts = '127.0.0.1 localhost\n';

export const servicesText = `
ftp      21/tcp
domain   53/tcp   # Domain Name Server
domain   53/udp
http     80/tcp   www
https    443/tcp
shell    514/tcp  cmd syslog
syslog   514/udp
http-alt 8080/tcp webcache
`;
