/** From trials to a scenario: the healthy set-up once, and in it one trial after the other. */

import type { Scenario, Stage, Step } from '../scenario.ts';
import { accepted, director } from '../scenarios/common.ts';
import { cured, diagnosed, findsNothing } from './diagnosis.ts';
import type { Fault, Harmless, Line, Setting, Trial } from './fault.ts';

const always = ['curl', 'busybox'];

/** Scenarios that play these trials, one for each set-up among them. */
export function scenariosOf(trials: readonly Trial[]): readonly Scenario[] {
  const settings = [...new Set(trials.map(({ setting }) => setting))];
  return settings.map((setting) => {
    const here = trials.filter((trial) => trial.setting === setting);
    const tools = [...always, ...(setting.tools ?? []), ...here.flatMap(({ tools = [] }) => tools)];
    return {
      name: here.map(({ name }) => name).join(', '),
      about: setting.about,
      topology: setting.topology,
      tools: [...new Set(tools)],
      steps: [...healthySteps(setting), ...here.map(stepOf)],
    };
  });
}

/** A set-up by itself: it works, and the doctor finds nothing. */
export function healthyScenario(setting: Setting): Scenario {
  const { name, about, topology, tools = [] } = setting;
  return { name, about, topology, tools: [...always, ...tools], steps: healthySteps(setting) };
}

function healthySteps(setting: Setting): readonly Step[] {
  return [
    ...setting.steps,
    {
      row: 'ok',
      title: 'Nothing is wrong here',
      why: `The doctor is asked on ${setting.doctors.join(', ')}: what it finds now would be a false alarm.`,
      async play(stage) {
        await setting.works(stage);
        await findsNothing(stage, setting.doctors);
      },
    },
  ];
}

function stepOf(trial: Trial): Step {
  return {
    row: String(trial.pitfall),
    title: `${trial.title} (${trial.name})`,
    why: trial.why,
    async play(stage) {
      if (trial.kind !== 'limit') await typed(stage, trial.inject);
      await tried(stage, trial);
      await typed(stage, trial.tidy ?? []);
    },
  };
}

async function tried(stage: Stage, trial: Trial): Promise<void> {
  switch (trial.kind) {
    case 'fault':
      return await found(stage, trial);
    case 'harmless':
      return await withstood(stage, trial);
    case 'limit':
      await trial.symptom(stage);
      await diagnosed(stage, trial);
  }
}

async function found(stage: Stage, fault: Fault): Promise<void> {
  const { load, setting, healed = setting.works, asked = director } = fault;
  const running = load && (await stage.beside(load.host, load.line, `${fault.name}.log`));
  try {
    await fault.symptom(stage);
    await cured(stage, fault, await diagnosed(stage, fault));
    await healed(stage);
    await findsNothing(stage, [asked]);
  } finally {
    await running?.stop();
  }
}

async function withstood(stage: Stage, { proof, setting }: Harmless): Promise<void> {
  await proof(stage);
  await findsNothing(stage, setting.doctors.slice(0, 1));
}

async function typed(stage: Stage, lines: readonly Line[]): Promise<void> {
  for (const { host, line } of lines) await accepted(stage, host, line);
}
