/** Asking the doctor on a host of the lab, and doing what it prints. */

import { macOf } from '../plan.ts';
import type { Stage } from '../scenario.ts';
import type { Topology } from '../topology.ts';
import type { Fault, Line } from './fault.ts';

/** What is used here of `fairlead doctor --json`. */
export type Diagnosis = {
  readonly findings: readonly Finding[];
};

export type Finding = {
  readonly code: string;
  readonly problem: string;
  readonly host: Where;
  readonly cure: Cure;
};

type Where = { readonly role: string; readonly address?: string; readonly mac?: string };

type Cure = {
  readonly on: string;
  /** The address of the host, where it is another than the one that was asked. */
  readonly host?: string;
  readonly commands: readonly string[];
  readonly also?: readonly Cure[];
};

const doctor = 'fairlead doctor';

/** Checks that the doctor, asked on these hosts, finds nothing. Where there is nothing to examine, that is so, too. */
export async function findsNothing(stage: Stage, hosts: readonly string[]): Promise<void> {
  const outcomes = await Promise.all(hosts.map((host) => stage.quietly(host, `${doctor} --json`)));
  for (const [at, { code, stdout, stderr }] of outcomes.entries()) {
    const healthy = code === 0 || (code === 2 && (findingsIn(stdout) ?? []).length === 0);
    const seen = () => `exit code ${code}: ${stdout}${stderr}`;
    stage.check(`${hosts[at]}# ${doctor}: nothing is wrong`, healthy, seen);
  }
}

/** Asks the doctor and checks that it names this fault at this host, and nothing else. Answers the findings. */
export async function diagnosed(stage: Stage, fault: Fault): Promise<readonly Finding[]> {
  const { finding, setting } = fault;
  const asked = askedOf(fault);
  await stage.type(asked, doctor);
  const { stdout, stderr, code } = await stage.quietly(asked, `${doctor} --json`);
  const findings = findingsIn(stdout) ?? [];
  const seen = () =>
    `exit code ${code}\n${findings.map(({ code, problem }) => `${code}: ${problem}`).join('\n')}${stderr}`;
  const named = findings.some(
    (one) => one.code === finding.code && isAt(one, finding.host, setting.topology, asked),
  );
  stage.check(`it finds ${finding.code}, and names ${finding.host}`, named, seen);
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
  const lines = findings.flatMap((finding) => linesOf(finding, fault.setting.topology, askedOf(fault)));
  stage.check('the cure is a command', lines.length > 0, () =>
    JSON.stringify(findings.map(({ cure }) => cure)),
  );
  const once = new Map(lines.map((line) => [JSON.stringify(line), line]));
  for (const { host, line } of once.values()) {
    const { code, stderr } = await stage.type(host, line);
    stage.check('which ends well', code === 0, () => `exit code ${code}: ${stderr}`);
  }
}

/** The commands of a finding's cure, each with the host of the lab on which it is typed. */
export function linesOf({ cure, host }: Finding, topology: Topology, asked: string): readonly Line[] {
  const where = ({ on, host: address }: Cure): string | undefined => {
    if (address !== undefined)
      return hostsOf(topology).find(({ addresses }) => addresses.includes(address))?.name;
    // A host that the doctor knows by its MAC alone.
    if (on !== host.role || host.address !== undefined || host.mac === undefined) return asked;
    return hostsOf(topology).find(({ macs }) => macs.includes(host.mac ?? ''))?.name;
  };
  return [cure, ...(cure.also ?? [])].flatMap((part) => {
    const name = where(part);
    return name === undefined ? [] : part.commands.map((line) => ({ host: name, line }));
  });
}

function askedOf({ asked = 'director' }: Fault): string {
  return asked;
}

/** Every host with its addresses, and the MACs that plan.ts gives its interfaces. */
function hostsOf(topology: Topology) {
  return Object.entries(topology.hosts).map(([name, { interfaces }]) => {
    const wires = Object.values(interfaces);
    const addresses = wires.flatMap((wire) => wire.addresses.map((address) => address.split('/')[0] ?? ''));
    return { name, addresses, macs: wires.flatMap((wire) => wire.addresses.slice(0, 1).map(macOf)) };
  });
}

function findingsIn(json: string): readonly Finding[] | undefined {
  try {
    return (JSON.parse(json) as Diagnosis).findings;
  } catch {
    return undefined;
  }
}
