/** A lab that runs: built from a topology, with handles on its hosts, and taken down again. */

import { buildEnvironment } from './environment.ts';
import { LabError } from './errors.ts';
import { type LabHost, labHost } from './host.ts';
import { buildPlan, type Command } from './plan.ts';
import { identify } from './proc.ts';
import { run } from './process.ts';
import { type Reaper, startReaper } from './reaper.ts';
import { claimId, type LabRecord, writeRecord } from './record.ts';
import { tearDown } from './teardown.ts';
import { buildTools, requireMachine } from './tools.ts';
import { type Topology, topologyFaults } from './topology.ts';

export type Lab = {
  readonly id: string;
  readonly topology: Topology;
  /** A host, or the bridge of a segment. Throws LabError when the topology has neither. */
  host(name: string): LabHost;
  /** Lets the lab stay after this process has ended. */
  leaveStanding(): Promise<void>;
  /** Takes it down; answers what did not go as it should, one sentence each. */
  close(): Promise<readonly string[]>;
};

/**
 * Builds a lab. When this process ends without `close` or `leaveStanding`, even by kill -9, the lab goes too.
 * When `signal` fires, whatever is under way rejects with its reason; a lab half built is taken down here.
 */
export async function openLab(topology: Topology, signal: AbortSignal): Promise<Lab> {
  requireMachine(buildTools);
  const faults = topologyFaults(topology);
  if (faults.length > 0) throw new LabError(`topology ${topology.name}: ${faults.join('; ')}`, 2);

  const record = newRecord(topology);
  writeRecord(record);
  const reaper = await startReaper(record.id);
  try {
    await build(record.id, topology, signal);
  } catch (error) {
    await tearDown(record.id);
    await reaper.dismiss();
    throw error;
  }
  return handle(record, topology, reaper, signal);
}

function newRecord(topology: Topology): LabRecord {
  const owner = identify(process.pid);
  if (owner === undefined)
    throw new LabError('/proc does not show this process; the lab needs /proc mounted', 2);
  const since = new Date().toISOString();
  return { id: claimId(), topology: topology.name, owner, standing: false, since };
}

async function build(id: string, topology: Topology, signal: AbortSignal): Promise<void> {
  const env = buildEnvironment(id);
  for (const stage of buildPlan(id, topology)) {
    await Promise.all(stage.map((command) => perform(command, env, signal)));
  }
}

async function perform(
  { argv, stdin = '' }: Command,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  const { code, stderr, timedOut } = await run(argv, { env, stdin, signal });
  if (code === 0) return;
  const why = timedOut ? 'took too long' : stderr.trim().replaceAll('\n', '; ') || `exit code ${code}`;
  throw new LabError(`cannot build the lab: ${argv.join(' ')}: ${why}`);
}

function handle(record: LabRecord, topology: Topology, reaper: Reaper, signal: AbortSignal): Lab {
  const { id } = record;
  return {
    id,
    topology,
    host(name) {
      if (topology.hosts[name] === undefined && !topology.segments.includes(name))
        throw new LabError(`topology ${topology.name} has no host "${name}"`, 2);
      return labHost(id, name, signal);
    },
    async leaveStanding() {
      writeRecord({ ...record, standing: true });
      await reaper.dismiss();
    },
    async close() {
      const faults = await tearDown(id);
      await reaper.dismiss();
      return faults;
    },
  };
}
