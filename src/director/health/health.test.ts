import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../ipvs/errors.ts';
import { createTestPlane } from '../model-plane.fixture.ts';
import {
  check,
  createDaemon,
  type Daemon,
  dns,
  key,
  planOf,
  server,
  web,
  withWeb,
} from './health.fixture.ts';

const refusal = (code: ErrorCode) => expect.objectContaining({ code });

describe('a real server that fails', () => {
  let daemon: Daemon;
  beforeEach(() => {
    daemon = withWeb();
  });

  it('leaves the table with the answer that is one too many, and is back with its weight', () => {
    daemon.answer('10.0.0.12', false, 2);
    expect(daemon.table()).toBe('11=1 12=2');
    daemon.answer('10.0.0.12', false, 1);
    expect(daemon.table()).toBe('11=1');
    expect(daemon.wanted()).toBe('11=1 12=2');
    daemon.answer('10.0.0.12', true, 2);
    expect(daemon.table()).toBe('11=1 12=2');
    expect(daemon.heard).toEqual([
      { kind: 'server-down', service: web, server: '10.0.0.12:80', reason: 'web: refused: nobody' },
      { kind: 'server-up', service: web, server: '10.0.0.12:80', reason: 'web: it answers' },
    ]);
  });

  it('keeps its place with weight 0 where that was asked', () => {
    const quiet = withWeb({ onFailure: 'quiesce' });
    quiet.answer('10.0.0.12', false, 3);
    expect(quiet.table()).toBe('11=1 12=0');
  });

  it('takes a weight from people all the same, for when it is back', () => {
    daemon.answer('10.0.0.12', false, 3);
    daemon.health.wishes.editDestination(key(web), server('10.0.0.12', 7));
    expect(daemon.table()).toBe('11=1');
    daemon.answer('10.0.0.12', true, 2);
    expect(daemon.table()).toBe('11=1 12=7');
  });

  it('that is disabled meanwhile stays out when it is well again, until it is enabled', () => {
    daemon.answer('10.0.0.12', false, 3);
    daemon.health.wishes.editDestination(key(web), server('10.0.0.12', 0));
    daemon.answer('10.0.0.12', true, 2);
    expect(daemon.table()).toBe('11=1 12=0');
    daemon.health.wishes.enableDestination(key(web), server('10.0.0.12'));
    expect(daemon.table()).toBe('11=1 12=2');
  });

  it('is removed for good by hand, and its checks do not bring it back', () => {
    daemon.answer('10.0.0.12', false, 3);
    daemon.health.wishes.removeDestination(key(web), server('10.0.0.12'));
    expect(daemon.jobs().map(({ target }) => target.rip)).toEqual(['10.0.0.11']);
    expect(daemon.wanted()).toBe('11=1');
    expect(() => daemon.health.wishes.removeDestination(key(web), server('10.0.0.12'))).toThrow(
      refusal('DESTINATION_NOT_FOUND'),
    );
  });

  it('waits with weight 0 where somebody adds it by hand, and serves when its checks say so', () => {
    daemon.answer('10.0.0.12', false, 3);
    daemon.health.wishes.addDestination(key(web), server('10.0.0.12', 4));
    expect(daemon.table()).toBe('11=1 12=0');
    daemon.answer('10.0.0.12', true, 2);
    expect(daemon.table()).toBe('11=1 12=4');
    daemon.answer('10.0.0.12', false, 3);
    expect(daemon.table()).toBe('11=1');
  });

  it('is not blamed for what this host could not ask', () => {
    const [job] = daemon.jobs();
    for (let time = 0; time < 9; time++)
      daemon.health.take(job?.id ?? '', { ok: false, reason: 'local', detail: 'no descriptors' });
    daemon.health.settle();
    expect(daemon.table()).toBe('11=1 12=2');
  });
});

describe('connections of a real server that fails', () => {
  it.each([
    ['of UDP end in any case, so that its flows go elsewhere', dns, {}, ['10.0.0.12']],
    ['of TCP are kept', web, {}, []],
    ['of TCP end where that was asked', web, { resetConnections: true }, ['10.0.0.12']],
    [
      'go on where all serve for want of a quorum',
      dns,
      { panic: 'all', quorum: { kind: 'weight', value: 2 } },
      [],
    ],
  ] as const)('%s', (_, service, part, expected) => {
    const plane = createTestPlane();
    const ended: string[] = [];
    const daemon = createDaemon({
      ...plane,
      evict: (key, destination) => {
        ended.push(destination.address);
        return plane.evict(key, destination);
      },
    });
    daemon.health.replacePlan({ checks: [check], services: [planOf(service, part)] });
    daemon.addService(service);
    for (const address of ['10.0.0.11', '10.0.0.12'])
      daemon.health.wishes.addDestination(key(service), server(address));
    daemon.answer('10.0.0.12', false, 3);
    expect(ended).toEqual(expected);
  });
});

describe('without a quorum', () => {
  const sorry = server('10.0.0.99');

  it('the sorry server serves, and goes when the quorum is back', () => {
    const daemon = withWeb({ panic: 'sorry', sorry });
    for (const address of ['10.0.0.11', '10.0.0.12']) daemon.answer(address, false, 3);
    expect(daemon.table()).toBe('99=1');
    expect(daemon.wanted()).toBe('11=1 12=2');
    daemon.answer('10.0.0.11', true, 2);
    expect(daemon.table()).toBe('11=1');
    expect(daemon.heard.map(({ kind }) => kind)).toEqual([
      ...['server-down', 'server-down', 'quorum-lost', 'server-up', 'quorum-gained'],
    ]);
  });

  it('all serve where that was asked', () => {
    const daemon = withWeb({ panic: 'all' });
    for (const address of ['10.0.0.11', '10.0.0.12']) daemon.answer(address, false, 3);
    expect(daemon.table().split(' ').sort().join(' ')).toBe('11=1 12=2');
    expect(daemon.services()[0]?.servers.map(({ state }) => state)).toEqual(['panic', 'panic']);
  });
});

describe('a check', () => {
  it('that several services share is asked once, and speaks for all of them', () => {
    const daemon = withWeb();
    const other = 'tcp:192.0.2.11:80';
    daemon.health.replacePlan({ checks: [check], services: [planOf(web), planOf(other)] });
    daemon.addService(other);
    daemon.health.wishes.addDestination(key(other), server('10.0.0.12'));
    expect(daemon.jobs()).toHaveLength(2);
    daemon.answer('10.0.0.12', false, 3);
    expect([daemon.table(web), daemon.table(other)]).toEqual(['11=1', '']);
  });

  it('that begins with down keeps a new real server out until it has answered', () => {
    const daemon = withWeb();
    const slow = { ...check, start: 'down' as const };
    daemon.health.replacePlan({ checks: [slow], services: [planOf(web)] });
    expect(daemon.table(), 'who serves already goes on').toBe('11=1 12=2');
    daemon.health.wishes.addDestination(key(web), server('10.0.0.13', 5));
    expect(daemon.table()).toBe('11=1 12=2 13=0');
    daemon.answer('10.0.0.13', true, 2);
    expect(daemon.table()).toBe('11=1 12=2 13=5');
  });

  it('that a program answers with a weight gives the real server that weight', () => {
    const daemon = withWeb();
    const job = daemon.jobs().find(({ target }) => target.rip === '10.0.0.11');
    daemon.health.take(job?.id ?? '', { ok: true, latencyMs: 1, weight: 30 });
    daemon.health.settle();
    expect([daemon.table(), daemon.wanted()]).toEqual(['11=30 12=2', '11=1 12=2']);
  });
});

describe('a plan', () => {
  it('that is taken away leaves everything as it is wanted', () => {
    const daemon = withWeb({ panic: 'sorry', sorry: server('10.0.0.99') });
    for (const address of ['10.0.0.11', '10.0.0.12']) daemon.answer(address, false, 3);
    daemon.health.replacePlan({ checks: [], services: [] });
    expect(daemon.table().split(' ').sort().join(' ')).toBe('11=1 12=2');
    expect(daemon.jobs()).toEqual([]);
    expect(daemon.services()).toEqual([]);
  });

  it('is the same object to everybody who asks, until it is another one', () => {
    const daemon = withWeb();
    const plan = daemon.health.plan();
    daemon.answer('10.0.0.12', false, 3);
    expect(daemon.health.plan()).toBe(plan);
    daemon.health.replacePlan({ checks: [check], services: [] });
    expect(daemon.health.plan()).not.toBe(plan);
  });

  it('is the old one where a change that comes with it is refused', () => {
    const daemon = withWeb();
    daemon.answer('10.0.0.12', false, 3);
    const before = JSON.stringify([daemon.health.plan(), daemon.memory(), daemon.health.status()]);
    expect(() =>
      daemon.health.transaction(1, () => {
        daemon.health.replacePlan({ checks: [], services: [planOf(dns)] });
        daemon.addService(dns);
        daemon.health.wishes.addDestination(key(web), server('224.0.0.1'));
      }),
    ).toThrow(refusal('DESTINATION_NOT_UNICAST'));
    expect(JSON.stringify([daemon.health.plan(), daemon.memory(), daemon.health.status()])).toBe(before);
    expect(daemon.table()).toBe('11=1');
    daemon.answer('10.0.0.12', true, 2);
    expect(daemon.table()).toBe('11=1 12=2');
  });
});

describe('a daemon that was killed', () => {
  it('leaves who is down to the next one, and who is up stays up until its checks say otherwise', () => {
    const first = withWeb({ onFailure: 'remove' }, [1, 2, 3]);
    first.answer('10.0.0.12', false, 3);
    const next = createDaemon(first.plane, first.memory());
    expect([next.table(), next.wanted()]).toEqual(['11=1 13=3', '11=1 12=2 13=3']);
    next.answer('10.0.0.12', true, 1);
    next.answer('10.0.0.13', false, 2);
    expect(next.table()).toBe('11=1 13=3');
    next.answer('10.0.0.12', true, 1);
    next.answer('10.0.0.13', false, 1);
    expect(next.table()).toBe('11=1 12=2');
  });

  it('in a slow start leaves it to the next one, which goes on where it was, however long nobody was there', () => {
    const first = withWeb({ slowStartMs: 10_000 });
    first.answer('10.0.0.12', false, 3);
    first.answer('10.0.0.12', true, 2);
    expect(first.table()).toBe('11=64 12=1');
    first.clock.now += 5_000;
    first.health.tick();
    const half = first.table();
    expect(half).toBe('11=64 12=64');

    // Another process has another clock.
    const next = createDaemon(first.plane, first.memory(), 1_000_000);
    expect(next.table()).toBe(half);
    expect(next.wanted()).toBe('11=1 12=2');
    next.clock.now += 2_500;
    next.health.tick();
    expect(next.table()).toBe('11=64 12=96');
    next.clock.now += 2_500;
    next.health.tick();
    expect(next.table()).toBe('11=1 12=2');
    expect(next.heard.at(-1)).toMatchObject({ kind: 'slow-start-ended', server: '10.0.0.12:80' });
  });

  it('between its note and the table is corrected by the table', () => {
    const first = withWeb();
    const remembered = first.memory();
    first.answer('10.0.0.12', false, 3);
    const noted = first.memory();
    const second = withWeb();
    expect(remembered.services).toEqual({});
    expect(createDaemon(second.plane, noted).table()).toBe('11=1 12=2');
  });

  it('is forgotten where the data plane is another one', () => {
    expect(createDaemon().isForgotten()).toBe(true);
  });
});

describe('a slow start', () => {
  it('raises the weight with the time, and a weight that is set by hand ends it', () => {
    const daemon = withWeb({ slowStartMs: 10_000 });
    daemon.answer('10.0.0.12', false, 3);
    daemon.answer('10.0.0.12', true, 2);
    daemon.clock.now += 5_000;
    daemon.health.tick();
    expect(daemon.table()).toBe('11=64 12=64');
    daemon.health.wishes.editDestination(key(web), server('10.0.0.12', 3));
    expect(daemon.table()).toBe('11=1 12=3');
    expect(daemon.heard.map(({ kind }) => kind).slice(2)).toEqual([
      ...['slow-start-step', 'slow-start-step', 'weight-changed'],
    ]);
  });
});
