/** What `fairlead upgrade` does. */

import type { Client } from '../../api/client.ts';
import { connectDirector, findDirector, succeedDirector } from '../../api/connect.ts';
import type { DirectorStatus } from '../../api/status.ts';
import { applyConfiguration } from '../../config/apply.ts';
import { plural } from '../../config/explain.ts';
import { exported } from '../../config/export.ts';
import { readConfiguration } from '../../config/read.ts';
import { renderFile } from '../../config/render.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import { runningOf, targetOf } from '../config/running.ts';
import { restartUnit } from './unit.ts';

export async function upgrade(force: boolean): Promise<void> {
  const old = await findDirector();
  if (!old) return await start(force);
  const before = await old.call('status', {});
  try {
    const { isSupervised, pid, configurationFile } = before;
    await (isSupervised ? restartUnit(pid) : succeedDirector({ config: configurationFile }));
  } catch (error) {
    if (!isForeign(error)) throw error;
    if (!force) throw new FairleadError(error.code, `${error.detail ?? ''}; ${price(before)}`);
    await carryOver(old, before);
  }
  await tell(before);
}

function isForeign(error: unknown): error is FairleadError {
  return error instanceof FairleadError && error.code === 'FOREIGN_DATA_PLANE';
}

/** Where no daemon runs, there is nobody to ask for a configuration, if that is all that could be kept. */
async function start(force: boolean): Promise<void> {
  try {
    await connectDirector();
  } catch (error) {
    if (!isForeign(error) || !force) throw error;
    await succeedDirector({ discards: true });
  }
  const { version, services } = await (await connectDirector()).call('status', {});
  process.stdout.write(
    `no daemon ran; one of version ${version} has started, with ${plural(services, 'service')}\n`,
  );
}

function price({ connections: { count } }: DirectorStatus): string {
  return (
    `${plural(count, 'connection')}, persistence and all counters would be lost; ` +
    '`fairlead upgrade --force` does so, and carries over services, real servers, addresses, settings and mark rules'
  );
}

async function carryOver(old: Client, { isSupervised, pid }: DirectorStatus): Promise<void> {
  const text = renderFile(exported(await runningOf(old)));
  const wanted = readConfiguration(text);
  if (!('configuration' in wanted)) {
    // What somebody has made of it by ipvsadm may be what no file may ask for.
    const why = wanted.problems.map(({ message }) => message).join('; ');
    throw new FairleadError('CONFIGURATION_REFUSED', `${why}: to be mended before (\`fairlead export\`)`);
  }
  await old.call('unload', {});
  if (isSupervised) await restartUnit(pid);
  await applyConfiguration(targetOf(await connectDirector()), wanted.configuration);
}

async function tell(before: DirectorStatus): Promise<void> {
  const after = await (await connectDirector()).call('status', {});
  const programs = after.object === before.object ? 'the same programs' : 'programs replaced';
  const kept = `${plural(after.services, 'service')}, ${plural(after.connections.count, 'connection')}`;
  process.stdout.write(
    `version ${before.version} (process ${before.pid}) -> ${after.version} (process ${after.pid}), ${programs}, ${kept}\n`,
  );
}
