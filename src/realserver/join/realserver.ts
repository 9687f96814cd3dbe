/** This machine as a real server: joins, leaves, and says how it stands. */

import { FairleadError } from '../../ipvs/errors.ts';
import { type Machine, readMachine } from './machine.ts';
import { type Plan, planFor } from './plan.ts';
import { refusalOf } from './refusal.ts';
import { type Line, readReport } from './report.ts';
import { engineText, scriptText } from './script.ts';
import { localShell, type Scripts } from './shell.ts';
import { type Wanted, wantedFrom } from './wanted.ts';

/** Where Fairlead lies, because it need not be in the PATH: its scripts, and the directory of its commands. */
export type Installation = { readonly scripts: Scripts; readonly bin: string };

/** Throws REALSERVER_FAILED when the shell gives no answer. */
export async function askMachine({ scripts, bin }: Installation): Promise<Machine> {
  const { stdout, stderr } = await localShell(`PATH="$PATH":'${bin}'\n${scripts.questions}`);
  const machine = readMachine(stdout);
  if (!machine) throw new FairleadError('REALSERVER_FAILED', `sh gives no answers: ${stderr.trim()}`);
  return machine;
}

/** Throws REALSERVER_REFUSED. */
export async function planHere(installation: Installation, wanted: Wanted): Promise<Plan> {
  const machine = await askMachine(installation);
  const refusal = refusalOf(wanted, machine);
  if (refusal !== undefined) throw new FairleadError('REALSERVER_REFUSED', refusal);
  return planFor(wanted, machine);
}

/** Does what is not done yet. Throws REALSERVER_FAILED, and everything is as it was. */
export async function join(installation: Installation, plan: Plan): Promise<readonly Line[]> {
  return await carryOut(scriptText(plan, installation.scripts.engine, installation.bin), 'join');
}

/** The steps that are not done yet, by their keys. */
export async function missing(installation: Installation, plan: Plan): Promise<ReadonlySet<string>> {
  const { stdout } = await localShell(scriptText(plan, installation.scripts.engine, installation.bin), [
    'check',
  ]);
  const lines = readReport(stdout).filter(({ outcome }) => outcome === 'missing');
  return new Set(lines.map(({ what }) => what));
}

/** Takes back what join has done. Throws REALSERVER_ABSENT, REALSERVER_FAILED. */
export async function leave({ scripts, bin }: Installation): Promise<readonly Line[]> {
  return await carryOut(engineText(scripts.engine, bin), 'leave');
}

export type Membership = {
  readonly wanted: Wanted;
  /** `held` or `missing`; the detail takes it back. */
  readonly lines: readonly Line[];
};

/** What join has done here, and whether it still holds; `undefined` where it has done nothing. */
export async function membership({ scripts, bin }: Installation): Promise<Membership | undefined> {
  const { stdout } = await localShell(engineText(scripts.engine, bin), ['status']);
  const lines = readReport(stdout);
  const about = lines.find(({ outcome }) => outcome === 'about');
  const wanted = about && wantedFrom(about.what);
  return (
    wanted && { wanted, lines: lines.filter(({ outcome }) => outcome === 'held' || outcome === 'missing') }
  );
}

async function carryOut(script: string, word: string): Promise<readonly Line[]> {
  const { code, stdout, stderr } = await localShell(script, [word]);
  const lines = readReport(stdout);
  if (lines.some(({ outcome }) => outcome === 'absent')) throw new FairleadError('REALSERVER_ABSENT');
  const failed = lines.find(({ outcome }) => outcome === 'failed' || outcome === 'stuck');
  if (failed || code !== 0) throw new FairleadError('REALSERVER_FAILED', failureText(failed, stderr));
  return lines;
}

function failureText(line: Line | undefined, stderr: string): string {
  if (!line) return stderr.trim();
  return line.detail === undefined ? line.what : `${line.what}: ${line.detail}`;
}
