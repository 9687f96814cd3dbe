/**
 * Which steps of a golden file Fairlead must answer exactly as real IPVS did. A step is outside if it needs
 * something that is not there yet (src/ipvsadm/unsupported.ts, a scheduler), or if what it shows or changes
 * depends on a service that only such a step brought into being. Both replays, against the director in
 * memory and against the real one, ask here.
 */

import { readFileSync } from 'node:fs';
import { schedulers } from '../../src/ipvs/schedulers.ts';
import { type ServiceKey, serviceKeyText } from '../../src/ipvs/service.ts';
import type { Command } from '../../src/ipvsadm/command.ts';
import { createNames, type Names } from '../../src/ipvsadm/names.ts';
import { flags } from '../../src/ipvsadm/options.ts';
import { parse } from '../../src/ipvsadm/parse.ts';
import { splitWords } from '../../src/ipvsadm/popt.ts';

/** One recorded command. `@hosts` is no command: `stdin` becomes /etc/hosts. */
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

export type MarkedStep = GoldenStep & {
  /** Why the step is not replayed; absent where it is. */
  readonly outside?: 'unsupported' | 'depends on an unsupported step' | 'own words' | 'not ipvsadm';
};

/** Where Fairlead speaks for itself. */
const ownWords: readonly string[] = ['ipvsadm -h', 'ipvsadm --help'];

/** The steps of a golden file in this directory. */
export function readGolden(name: string): readonly GoldenStep[] {
  const text = readFileSync(new URL(name, import.meta.url), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as GoldenStep);
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
      const address = lines.find(([, ...names]) => names.includes(host.toLowerCase()))?.[0];
      return address === undefined ? Promise.reject(new Error('ENOTFOUND')) : Promise.resolve(address);
    },
    reverse: () => Promise.reject(new Error('ENOTFOUND')),
  });
}

export const goldenHosts = '127.0.0.1 localhost\n';

const servicesText = `
domain   53/tcp   # Domain Name Server
domain   53/udp
http     80/tcp   www
https    443/tcp
shell    514/tcp  cmd syslog
syslog   514/udp
http-alt 8080/tcp webcache
`;

/** Marks each step of a golden file, whose groups each begin with `ipvsadm -C`. */
export async function markSubset(steps: readonly GoldenStep[]): Promise<readonly MarkedStep[]> {
  let names = goldenNames(goldenHosts);
  const strange: StrangeServices = new Set();
  const marked: MarkedStep[] = [];
  for (const step of steps) {
    if (step.cmd === '@hosts') names = goldenNames(step.stdin ?? '');
    const outside = step.cmd === '@hosts' ? undefined : await reasonOutside(step, names, strange);
    marked.push(outside ? { ...step, outside } : step);
  }
  return marked;
}

/** Services, by key, that real IPVS has at this point of a group and Fairlead has not, or not so. */
type StrangeServices = Set<string>;

/** Neither TCP nor UDP over IPv4: only a listing of everything shows them. */
const anotherService = 'another';

async function reasonOutside(
  { cmd, code }: GoldenStep,
  names: Names,
  strange: StrangeServices,
): Promise<MarkedStep['outside']> {
  const [program, ...argv] = shellWords(cmd);
  if (program !== 'ipvsadm') return 'not ipvsadm';
  if (ownWords.includes(cmd)) return 'own words';
  const command = await parse(argv, names);
  if (command.kind === 'error') {
    if (!command.unsupported) return undefined;
    if (code === 0 && changesServices(argv)) strange.add(await serviceIn(argv, names));
    return 'unsupported';
  }
  if (command.kind === 'flush') strange.clear();
  if (needsScheduler(command) && code === 0) {
    strange.add(serviceKeyText(command.service));
    return 'unsupported';
  }
  return dependsOn(command, strange) ? 'depends on an unsupported step' : undefined;
}

function changesServices([first = '']: readonly string[]): boolean {
  return /^-[AEDaedR]|^--(add|edit|delete)-/.test(first);
}

/** The key of the service that a command line names. */
async function serviceIn(argv: readonly string[], names: Names): Promise<string> {
  for (const event of splitWords(argv, flags)) {
    if (event.kind !== 'flag' || event.flag.option !== 'service-address') continue;
    const command = await parse(['-D', `--${event.flag.long}`, event.value ?? ''], names);
    if (command.kind === 'delete-service') return serviceKeyText(command.service);
  }
  return anotherService;
}

function needsScheduler(command: Command): command is Extract<Command, { kind: `${string}-service` }> {
  const adds = command.kind === 'add-service' || command.kind === 'edit-service';
  return adds && !schedulers.some((known) => known === command.service.scheduler);
}

function dependsOn(command: Command, strange: StrangeServices): boolean {
  switch (command.kind) {
    case 'help':
    case 'version':
    case 'flush':
    case 'list-connections':
    case 'list-timeouts':
    case 'set-timeouts':
      return false;
    case 'zero':
      return command.service !== undefined && isStrange(command.service, strange);
    default:
      return isStrange(command.service, strange);
  }
}

/** Without a service: whether any is. */
function isStrange(service: ServiceKey | undefined, strange: StrangeServices): boolean {
  return service ? strange.has(serviceKeyText(service)) : strange.size > 0;
}
