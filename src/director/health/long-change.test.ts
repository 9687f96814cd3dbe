import { describe, expect, it } from 'vitest';
import { drain } from '../../dataplane/pieces.ts';
import { FairleadError } from '../../ipvs/errors.ts';
import { createTestPlane } from '../model-plane.fixture.ts';
import { check, type Daemon, key, planOf, server, web, withWeb } from './health.fixture.ts';

/** A daemon whose data plane gives others a turn after each piece of a change, which the model does not. */
function daemonInPieces(): Daemon {
  const plane = createTestPlane();
  return withWeb({}, [1, 2], {
    ...plane,
    *transactionByPieces(_, action) {
      yield* action();
    },
  });
}

/** One whose data plane has turns for others once a change has taken effect. */
function daemonThatSettles(): Daemon {
  const plane = createTestPlane();
  return withWeb({}, [1, 2], {
    ...plane,
    *transactionByPieces(additions, action, committed) {
      plane.transaction(additions, () => drain(action()));
      committed?.();
      yield;
    },
  });
}

/** Another weight for one real server and another plan, with a turn behind each. */
const change = (daemon: Daemon, outcome: () => void = () => {}): Generator<void> =>
  daemon.health.transactionByPieces(1, function* () {
    daemon.health.replacePlan({ checks: [check], services: [planOf(web, { name: 'shop' })] });
    yield;
    daemon.health.wishes.editDestination(key(web), server('10.0.0.11', 9));
    yield;
    outcome();
  });

const jobs = ({ health }: Daemon): readonly number[] => [health.status().jobs, health.summary().jobs];

/** What others are shown of it. */
const shown = ({ health, services }: Daemon) => ({
  plan: health.plan(),
  services: services().map(({ name, servers }) => ({
    name,
    weights: servers.map(({ wanted }) => wanted),
  })),
});

describe('a change in pieces', () => {
  it('is shown to nobody before it is made, all of it afterwards', () => {
    const daemon = daemonInPieces();
    const before = shown(daemon);
    for (const _ of change(daemon)) expect(shown(daemon)).toEqual(before);
    expect(shown(daemon).services).toEqual([{ name: 'shop', weights: [9, 2] }]);
    expect(daemon.health.plan().services[0]?.name).toBe('shop');
  });

  it('is remembered for the next daemon once it is made, and not before', () => {
    const daemon = daemonInPieces();
    const before = structuredClone(daemon.memory());
    for (const _ of change(daemon)) expect(daemon.memory()).toEqual(before);
    expect(daemon.memory().plan.services[0]?.name).toBe('shop');
  });

  it('is shown whole as soon as the data plane goes by it', () => {
    const daemon = daemonThatSettles();
    for (const _ of change(daemon)) {
      expect(daemon.health.plan().services[0]?.name).toBe('shop');
      expect(daemon.wanted()).toBe('11=9 12=2');
    }
  });

  it('shows of its checks nothing before it is made either', () => {
    const daemon = daemonInPieces();
    const told = () => [
      daemon.services().map(({ servers }) => servers.map((each) => each.checks)),
      jobs(daemon),
    ];
    daemon.answer('10.0.0.12', true, 1);
    const before = told();
    const other = daemon.health.transactionByPieces(0, function* () {
      const checks = [
        { ...check, name: 'other', intervalMs: 7000 },
        { ...check, name: 'second' },
      ];
      daemon.health.replacePlan({ checks, services: [planOf(web, { checks: [0, 1] })] });
      yield;
    });
    for (const _ of other) expect(told()).toEqual(before);
    expect(daemon.services()[0]?.servers[0]?.checks.map(({ name }) => name)).toEqual(['other', 'second']);
    expect(jobs(daemon)).toEqual([4, 4]);
  });

  it('that is refused leaves everything as it was', () => {
    const daemon = daemonInPieces();
    const before = shown(daemon);
    const refused = change(daemon, () => {
      throw new FairleadError('SERVICE_EXISTS');
    });
    expect(() => [...refused]).toThrow(/exists/i);
    expect(shown(daemon)).toEqual(before);
  });

  it.each([
    ['is made', () => {}, '11=9'],
    [
      'is refused',
      () => {
        throw new FairleadError('SERVICE_EXISTS');
      },
      '11=1',
    ],
  ] as const)(
    'has answers of checks that come meanwhile acted on when it %s, and not before',
    (_, outcome, table) => {
      const daemon = daemonInPieces();
      try {
        for (const _ of change(daemon, outcome)) {
          daemon.answer('10.0.0.12', false, 3);
          daemon.health.tick();
          expect(daemon.table()).toContain('12=2');
        }
      } catch (error) {
        expect(error).toBeInstanceOf(FairleadError);
      }
      daemon.health.settle();
      expect(daemon.table()).toBe(table);
    },
  );
});
