/**
 * Every pitfall that can be made to happen: its symptom with real packets, the doctor's finding, the host it names,
 * and that what it prints heals. Labs stand side by side, and in each one fault follows the other; before the
 * first, the doctor is asked on every host, and must find nothing.
 */

import { beforeEach, describe, expect, test } from 'vitest';
import { settings } from '../../src/lab/pitfalls/settings.ts';
import { trials } from '../../src/lab/pitfalls/table.ts';
import { needsLab, played } from './support.ts';

beforeEach(needsLab);

/** More in one lab would keep the others waiting at the end. */
const most = 7;

const groups = settings.flatMap((setting) => {
  const names = trials.filter((trial) => trial.setting === setting).map(({ name }) => name);
  const labs = Math.ceil(names.length / most);
  return Array.from({ length: labs }, (_, lab) => names.filter((_, at) => at % labs === lab));
});
const withoutFaults = settings.filter((setting) => trials.every((trial) => trial.setting !== setting));

describe.concurrent('the doctor', () => {
  test.for(groups.map((names) => [names.join(', '), names] as const))(
    'finds, names and heals %s',
    async ([, names]) => {
      const { text, failed } = await played('pitfall', ...names);
      expect(failed).toEqual([]);
      // Each step's title ends with the name of its trial.
      expect(names.filter((name) => !text.includes(` (${name})\n`))).toEqual([]);
    },
  );

  test.for(withoutFaults.map(({ name, about }) => [name, about] as const))(
    'finds nothing in the set-up %s: %s',
    async ([name]) => {
      expect((await played('healthy', name)).failed).toEqual([]);
    },
  );
});
