/** Asking the doctor on a host of the lab, and doing what it prints. */

import { macOf } from '../plan.ts';
import type { Stage } from '../scenario.ts';
import { director } from '../scenarios/common.ts';
import type { Topology } from '../topology.ts';
import type { Fault, Limit, Line } from './fault.ts';
import { type Cure, type Finding, readFindings } from './reading.ts';

const doctor = 'fairlead doctor';

/** Checks that the doctor, asked on these hosts, finds nothing. Where there is nothing to examine, that is so, too. */
export async function findsNothing(stage: Stage, hosts: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(hosts.map((host) => stage.quietly(host, doctor)));
  for (const [at, { code, stdout, stderr }] of outcomes.entries()) {
    const isHealthy = code === 0 || (code === 2 && readFindings(stdout).length === 0);
    const seen = () => `exit code ${code}\n${stdout}${stderr}`;
    stage.check(`${hosts[at]}# ${doctor}: nothing is wrong`, isHealthy, seen);
  }
}

/** Asks the doctor and checks that it names this fault at this host, and nothing else. Answers the findings. */
export async function diagnosed(stage: Stage, fault: Fault | Limit): Promise<readonly Finding[]> {
  const { asked = director, finding, setting } = fault;
  const { stdout, code } = await stage.type(asked, fault.kind === 'limit' ? fault.words : doctor);
  const findings = readFindings(stdout);
  const seen = () => `exit code ${code}, ${findings.map(({ code }) => code).join(', ') || 'no finding'}`;
  const named = findings.some(
    (one) => one.code === finding.code && isAt(one, finding.host, setting.topology, asked),
  );
  stage.check(`it finds ${finding.code}, and names ${finding.host}`, named && code === 1, seen);
  stage.check(
    'and nothing else',
    findings.every(({ code }) => code === finding.code),
    seen,
  );
  return findings;
}

/** Whether a finding names a host of the lab: by an address of it, by the MAC of one of its interfaces, or both. */
export function isAt({ host }: Finding, name: string, topology: Topology, asked: string): boolean {
  if (host.address === undefined && host.mac === undefined) return name === asked;
  return hostsOf(topology).some(
    (one) =>
      one.name === name &&
      (host.address === undefined || one.addresses.includes(host.address)) &&
      (host.mac === undefined || one.macs.includes(host.mac)),
  );
}

/** Types what the findings' cures print, on the hosts that they name. */
export async function cured(stage: Stage, fault: Fault, findings: readonly Finding[]): Promise<void> {
  const { asked = director, setting, advice } = fault;
  if (advice) stage.say('No command of its own can mend that: what its note asks for is done by hand.');
  const lines = advice ?? findings.flatMap((finding) => linesOf(finding, setting.topology, asked));
  const once = new Map(lines.map((line) => [JSON.stringify(line), line]));
  const failures: string[] = [];
  for (const { host, line } of once.values()) {
    const { code, stderr } = await stage.type(host, line);
    if (code !== 0) failures.push(`${host}# ${line}: exit code ${code}: ${stderr}`);
  }
  const well = lines.length > 0 && failures.length === 0;
  stage.check('its cure is commands, which end well', well, () => failures.join('\n') || 'no command');
}

/** The commands of a finding's cure, each with the host of the lab on which it is typed. */
export function linesOf({ cure, host }: Finding, topology: Topology, asked: string): readonly Line[] {
  const nameOf = ({ role, address }: Cure): string | undefined => {
    if (address !== undefined)
      return hostsOf(topology).find(({ addresses }) => addresses.includes(address))?.name;
    // A host that the doctor knows by its MAC alone.
    if (role !== host.role || host.address !== undefined || host.mac === undefined) return asked;
    return hostsOf(topology).find(({ macs }) => macs.includes(host.mac ?? ''))?.name;
  };
  return cure.flatMap((part) => {
    const name = nameOf(part);
    return name === undefined ? [] : part.commands.map((line) => ({ host: name, line }));
  });
}

/** Every host with its addresses, and the MACs that plan.ts gives its interfaces. */
function hostsOf(topology: Topology) {
  return Object.entries(topology.hosts).map(([name, { interfaces }]) => {
    const wires = Object.values(interfaces);
    const addresses = wires.flatMap((wire) => wire.addresses.map((address) => address.split('/')[0] ?? ''));
    return { name, addresses, macs: wires.flatMap((wire) => wire.addresses.slice(0, 1).map(macOf)) };
  });
}
