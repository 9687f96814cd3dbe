import { describe, expect, it } from 'vitest';
import type { HealthPlan } from '../../health/plan.ts';
import type { Saved } from '../saved.ts';
import { key, planOf, server, web } from './health.fixture.ts';
import { type Announced, createMemory, type Remembered } from './memory.ts';
import type { Post } from './post.ts';

/** A file that outlives its daemons. */
function file<T>(writes: string[], name: string) {
  let kept: string | undefined;
  const saved: Saved<T> = {
    read: () => (kept === undefined ? undefined : (JSON.parse(kept) as T)),
    write: (value) => {
      writes.push(name);
      kept = JSON.stringify(value);
    },
    prepare: () => {
      throw new Error('nobody needs it here');
    },
    forget: () => {
      kept = undefined;
    },
  };
  return saved;
}

/** Daemons one after the other, with the files and the table that they share. */
function daemons() {
  const table = { generation: 1 };
  const writes: string[] = [];
  const files = {
    plan: file<HealthPlan>(writes, 'plan'),
    state: file<Remembered['services']>(writes, 'state'),
    ahead: file<Announced>(writes, 'ahead'),
  };
  return { table, writes, next: () => createMemory(files, () => String(table.generation)) };
}

const planNamed = (name: string): HealthPlan => ({ checks: [], services: [planOf(web, { name })] });

/** One real server of the service, which is down and out of the table. */
function down(address: string): ReadonlyMap<string, Post> {
  const member = { wanted: server(address), isLet: true, isUp: false, isKept: false, isServing: false };
  const post: Post = {
    ...{ key: key(web), plan: planOf(web), scheduler: 'wlc', hasQuorum: true, weight: 0, needed: 1 },
    members: new Map([[`${address}:80`, { ...member, since: 0, reason: 'no' }]]),
    applied: new Map(),
  };
  return new Map([[web, post]]);
}

const told = ({ plan, services }: Remembered) => [
  plan.services.map(({ name }) => name),
  Object.keys(services[web]?.members ?? {}),
];
const [old, fresh] = [
  [['old'], ['10.0.0.11:80']],
  [['fresh'], ['10.0.0.12:80']],
];

describe('what is announced ahead of a change of the table', () => {
  /** A daemon that is killed in the midst of a change, which it has announced. */
  function killed(made: (table: { generation: number }) => void) {
    const { table, writes, next } = daemons();
    const memory = next();
    memory.write(planNamed('old'), down('10.0.0.11'), 0);
    memory.announce(planNamed('fresh'), down('10.0.0.12'), 0);
    made(table);
    return { table, writes, next };
  }

  it('is remembered where the daemon is killed behind the change', () => {
    const { next } = killed((table) => table.generation++);
    expect(told(next().read())).toEqual(fresh);
    expect(told(next().read())).toEqual(fresh);
  });

  it('is nothing where the daemon is killed ahead of it, whatever the next one changes', () => {
    const { table, next } = killed(() => {});
    expect(told(next().read())).toEqual(old);
    table.generation++;
    expect(told(next().read())).toEqual(old);
  });

  it('goes on to be remembered when the next daemon has something to remember itself', () => {
    const { next } = killed((table) => table.generation++);
    const memory = next();
    const { plan } = memory.read();
    memory.write(plan, down('10.0.0.13'), 0);
    expect(told(next().read())).toEqual([['fresh'], ['10.0.0.13:80']]);
  });

  it('is nothing where the change was refused, though it would have been the first', () => {
    const { table, next } = daemons();
    const memory = next();
    memory.announce(planNamed('fresh'), down('10.0.0.12'), 0);
    memory.write({ checks: [], services: [] }, new Map(), 0);
    table.generation++;
    expect(told(next().read())).toEqual([[], []]);
  });

  it('is written only where it is something else', () => {
    const { writes, next } = daemons();
    const [memory, plan] = [next(), planNamed('old')];
    memory.announce({ checks: [], services: [] }, new Map(), 0);
    expect(writes).toEqual([]);
    memory.write(plan, down('10.0.0.11'), 0);
    writes.length = 0;
    memory.announce(plan, down('10.0.0.11'), 0);
    expect(writes).toEqual([]);
  });
});

it('a plan that only an earlier daemon has written is forgotten once there is none', () => {
  const { next } = daemons();
  next().write(planNamed('old'), new Map(), 0);
  const memory = next();
  memory.read();
  memory.write({ checks: [], services: [] }, new Map(), 0);
  expect(told(next().read())).toEqual([[], []]);
});
