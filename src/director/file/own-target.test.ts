import { expect, it } from 'vitest';
import { createChanges } from '../../api/changes.ts';
import type { Running } from '../../config/configuration.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import type { ServiceConfiguration } from '../../ipvs/service.ts';
import { ownTarget } from './own-target.ts';

function target() {
  const made: (readonly unknown[])[] = [];
  const now = {
    ...{ tag: '"1"', isGone: false, others: () => {} },
    services: [] as readonly ServiceConfiguration[],
  };
  const own = ownTarget({
    before: () => {
      if (now.isGone) throw new FairleadError('NAMESPACE_GONE');
    },
    running: () => ({}) as Running,
    services: () => now.services,
    turns: () => ({ isOver: () => true, next: () => Promise.resolve(now.others()) }),
    tag: () => now.tag,
    changes: createChanges(),
    transact: (calls) => {
      made.push(calls);
      return Promise.resolve({ refused: null });
    },
  });
  return { own, made, now };
}

it('a daemon changes itself to what it has looked at, or says that it is another one by now', async () => {
  const { own, made, now } = target();
  const { tag } = await own.look();
  expect(await own.transact([], tag)).toEqual({ refused: null });
  now.tag = '"2"';
  await expect(own.transact([], tag)).rejects.toMatchObject({ code: 'CONFIGURATION_CHANGED' });
  await own.transact([], undefined);
  expect(made.length).toBe(2);
});

it('a daemon gives others a turn before each step', async () => {
  const { own, made } = target();
  const steps: string[] = [];
  setImmediate(() => steps.push('others'));
  await own.look();
  steps.push('looked');
  setImmediate(() => steps.push(`others, ${made.length} made`));
  await own.transact([], undefined);
  expect(steps).toEqual(['others', 'looked', 'others, 0 made']);
});

it('a daemon whose data plane has gone meanwhile refuses both', async () => {
  const { own, now } = target();
  now.isGone = true;
  await expect(own.look()).rejects.toMatchObject({ code: 'NAMESPACE_GONE' });
  await expect(own.transact([], undefined)).rejects.toMatchObject({ code: 'NAMESPACE_GONE' });
});

it('others have their turns between its services, and what they change then is noticed', async () => {
  const { own, now } = target();
  now.services = [{}, {}] as ServiceConfiguration[];
  let turns = 0;
  now.others = () => {
    turns++;
    now.tag = '"2"';
  };
  const { running, tag } = await own.look();
  expect([running.services.length, turns]).toEqual([2, 2]);
  await expect(own.transact([], tag)).rejects.toMatchObject({ code: 'CONFIGURATION_CHANGED' });
});
