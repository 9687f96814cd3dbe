/** keepalived.conf as a configuration: its virtual servers, with groups, checkers, quorum and sorry server. */

import type { FileEntry } from '../../schema/file.ts';
import { createCheckNames } from '../check-names.ts';
import { createNotes, type Imported, type Say } from '../imported.ts';
import { groupsOf } from './addresses.ts';
import { parseKeepalived, type Statement } from './syntax.ts';
import { servicesOf } from './virtual-server.ts';

export function importKeepalived(text: string): Imported {
  const { say, notes } = createNotes();
  const statements = parseKeepalived(text, say);
  for (const statement of statements) if (statement.keyword === 'virtual_server') sayCrowded(statement, say);
  const groups = groupsOf(statements, say);
  const checks = createCheckNames();
  const services = statements
    .filter(({ keyword }) => keyword === 'virtual_server')
    .flatMap((server) => servicesOf(server, groups, checks, say));
  const timeouts = timeoutsOf(statements, say);
  for (const statement of statements) sayOther(statement, say);
  const file: FileEntry = {
    ...(timeouts && { timeouts }),
    ...(Object.keys(checks.checks()).length > 0 && { checks: checks.checks() }),
    services,
  };
  return { file, notes: notes() };
}

/** What has one word behind it. */
const single = [
  ...['lvs_sched', 'lb_algo', 'protocol', 'ip_family', 'delay_loop', 'quorum', 'hysteresis', 'weight'],
  ...['uthreshold', 'lthreshold', 'persistence_timeout', 'persistence_granularity', 'persistence_engine'],
  ...[
    'connect_ip',
    'connect_port',
    'connect_timeout',
    'retry',
    'misc_path',
    'misc_timeout',
    'path',
    'type',
    'name',
  ],
];

/** A statement on the line of another one is nothing to keepalived, and would be missed here. */
function sayCrowded({ keyword, words, line, block }: Statement, say: Say): void {
  const more = [...words.slice(1), ...(block ? ['{…}'] : [])];
  if (!single.includes(keyword)) for (const inner of block ?? []) sayCrowded(inner, say);
  else if (more.length > 0) say(line, `${more.join(' ')} on the line of ${keyword}: a statement has its own`);
}

/** `lvs_timeouts tcp 7200 tcpfin 30 udp 60` among the global definitions. */
function timeoutsOf(statements: readonly Statement[], say: Say): FileEntry['timeouts'] {
  const global = statements
    .filter(({ keyword }) => keyword === 'global_defs')
    .flatMap(({ block = [] }) => block);
  for (const { keyword, line } of global)
    if (keyword.startsWith('lvs_') && keyword !== 'lvs_timeouts') say(line, keyword);
  const words = global.find(({ keyword }) => keyword === 'lvs_timeouts')?.words;
  if (!words) return undefined;
  const behind = (name: string): number | undefined => {
    const at = words.indexOf(name);
    return at < 0 ? undefined : Number(words[at + 1]);
  };
  const [tcp, fin, udp] = [behind('tcp'), behind('tcpfin'), behind('udp')];
  return { ...(tcp && { tcp }), ...(fin && { tcp_fin: fin }), ...(udp && { udp }) };
}

function sayOther({ keyword, words, line }: Statement, say: Say): void {
  const name = [keyword, ...words].join(' ');
  if (/^(virtual_server|virtual_server_group|global_defs)$/.test(keyword)) return;
  if (/^vrrp_/.test(keyword))
    say(line, `${name}: high availability, and the addresses it moves, are not part of this file`);
  else if (keyword === 'include') say(line, `${name}: import that file, too`);
  else say(line, name);
}
