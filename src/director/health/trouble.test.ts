import { describe, expect, it } from 'vitest';
import { createTestPlane } from '../model-plane.fixture.ts';
import { check, createDaemon, dns, key, planOf, server, web, withWeb } from './health.fixture.ts';

describe('a table that cannot be written', () => {
  it('is written once it can: who has failed in the meantime does not stay in it', () => {
    const plane = createTestPlane();
    let isBroken = false;
    const daemon = withWeb({}, [1, 2], {
      ...plane,
      transaction: (additions, action) =>
        plane.transaction(additions, () => {
          action();
          if (isBroken) throw new Error('no memory');
        }),
    });
    isBroken = true;
    daemon.answer('10.0.0.12', false, 3);
    daemon.health.tick();
    expect(daemon.table()).toBe('11=1 12=2');
    isBroken = false;
    daemon.health.tick();
    expect(daemon.table()).toBe('11=1');
    expect(daemon.heard.map(({ kind }) => kind)).toEqual(['server-down']);
  });

  it('is not held up by notes that cannot be, but for changes that somebody asks for', () => {
    const daemon = withWeb();
    daemon.notes.areBroken = true;
    daemon.answer('10.0.0.12', false, 3);
    expect(daemon.table()).toBe('11=1');
    expect(daemon.log).toEqual(['health: what the next daemon has to know is not written: no space']);
    expect(() => daemon.health.replacePlan({ checks: [], services: [] })).toThrow('no space');
    expect(daemon.services()).toHaveLength(1);
    daemon.notes.areBroken = false;
    daemon.answer('10.0.0.12', true, 2);
    expect(daemon.table()).toBe('11=1 12=2');
  });
});

it('a service whose table cannot be written does not hold up the others', () => {
  const plane = createTestPlane();
  let isFull = false;
  const daemon = createDaemon({
    ...plane,
    addDestination: (service, destination) => {
      if (isFull) throw new Error('no room');
      plane.addDestination(service, destination);
    },
  });
  daemon.health.replacePlan({ checks: [check], services: [planOf(web), planOf(dns)] });
  for (const service of [web, dns]) daemon.addService(service);
  daemon.health.wishes.addDestination(key(web), server('10.0.0.11'));
  daemon.health.wishes.addDestination(key(dns), server('10.0.0.12'));
  daemon.answer('10.0.0.11', false, 3);
  isFull = true;
  daemon.answerTogether({ '10.0.0.11': true, '10.0.0.12': false });
  expect([daemon.table(web), daemon.table(dns)]).toEqual(['', '']);
  expect(daemon.log).toEqual(['health: no room']);
  isFull = false;
  daemon.health.tick();
  expect(daemon.table(web)).toBe('11=1');
});

describe('connections of the sorry server', () => {
  it.each([
    ['of UDP', dns, ['10.0.0.11', '10.0.0.99']],
    ['of TCP, which nobody would answer any more', web, ['10.0.0.99']],
  ])('%s end when it goes', (_, service, expected) => {
    const ended: string[] = [];
    const daemon = createDaemon({
      ...createTestPlane(),
      evict: (_key, { address }) => {
        ended.push(address);
        return 0;
      },
    });
    const panic = { panic: 'sorry', sorry: server('10.0.0.99') } as const;
    daemon.health.replacePlan({ checks: [check], services: [planOf(service, panic)] });
    daemon.addService(service);
    daemon.health.wishes.addDestination(key(service), server('10.0.0.11'));
    ended.length = 0;
    daemon.answer('10.0.0.11', false, 3);
    daemon.answer('10.0.0.11', true, 2);
    expect([daemon.table(service), ended]).toEqual(['11=1', expected]);
  });
});

it('connections that cannot be ended are said, and those of others that failed together end', () => {
  const ended: string[] = [];
  const plane = createTestPlane();
  const daemon = withWeb({ resetConnections: true }, [1, 2, 3], {
    ...plane,
    evict: (_key, { address }) => {
      if (address === '10.0.0.12') throw new Error('bpf: ENOMEM');
      ended.push(address);
      return 0;
    },
  });
  const jobs = daemon.jobs().length;
  daemon.answerTogether({ '10.0.0.11': false, '10.0.0.12': false, '10.0.0.13': false });
  expect([daemon.table(), ended.toSorted()]).toEqual(['', ['10.0.0.11', '10.0.0.13']]);
  expect(daemon.log).toEqual(['health: 10.0.0.12:80 is out, and its connections are not ended: bpf: ENOMEM']);
  expect(daemon.heard.filter(({ kind }) => kind === 'server-down')).toHaveLength(3);
  expect(daemon.jobs()).toHaveLength(jobs);
});

it('a check that cannot be made, or that nobody makes, says so', () => {
  const daemon = withWeb();
  const problems = () => daemon.services()[0]?.servers.map(({ checks }) => checks[0]?.problem ?? 'none');
  expect(problems()).toEqual(['none', 'none']);
  const [job] = daemon.jobs();
  daemon.health.take(job?.id ?? '', { ok: false, reason: 'local', detail: 'no descriptors' });
  expect(problems()).toEqual(['this host cannot ask: no descriptors', 'none']);
  daemon.answer('10.0.0.11', true, 1);
  expect(problems()).toEqual(['none', 'none']);
  daemon.clock.now += 60_000;
  expect(problems()).toEqual(['no answer for 60 s: nobody asks', 'no answer for 60 s: nobody asks']);
});

it('a clock that is set makes no answer late, and none that is late seem fresh', () => {
  const daemon = withWeb();
  const problems = () => daemon.services()[0]?.servers.map(({ checks }) => checks[0]?.problem ?? 'none');
  daemon.answerTogether({ '10.0.0.11': true, '10.0.0.12': true });
  daemon.clock.ahead += 3_600_000;
  expect(problems()).toEqual(['none', 'none']);
  daemon.clock.ahead -= 7_200_000;
  daemon.clock.now += 60_000;
  expect(problems()).toEqual(['no answer for 60 s: nobody asks', 'no answer for 60 s: nobody asks']);
});
