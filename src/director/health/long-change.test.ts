import { describe, expect, it } from 'vitest';
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

/** Another weight for one real server and another plan, with a turn behind each. */
const change = (daemon: Daemon, outcome: () => void = () => {}): Generator<void> =>
  daemon.health.transactionByPieces(1, function* () {
    daemon.health.replacePlan({ checks: [check], services: [planOf(web, { name: 'shop' })] });
    yield;
    daemon.health.wishes.editDestination(key(web), server('10.0.0.11', 9));
    yield;
    outcome();
  });

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
