import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../ipvs/address.ts';
import { type Destination, destinationKeyText } from '../ipvs/service.ts';
import type { Member } from './member.ts';
import type { ServicePlan } from './plan.ts';
import { type Settled, settle } from './settle.ts';

const basic: ServicePlan = {
  ...{ service: 'tcp:192.0.2.10:80', checks: [0], own: {}, onFailure: 'remove', resetConnections: false },
  ...{ quorum: { kind: 'weight', value: 1 }, hysteresis: 0, panic: 'none', slowStartMs: 0 },
};

function destination(address: string, weight: number): Destination {
  const thresholds = { upperThreshold: 0, lowerThreshold: 0 };
  return { address: address as Address, port: 80 as Port, method: 'gate', weight, ...thresholds };
}

function member(address: string, part: Partial<Member> & { readonly weight?: number } = {}): Member {
  const { weight = 1, ...rest } = part;
  return {
    ...{ wanted: destination(address, weight), isLet: true, isUp: true, since: 0, reason: '' },
    ...{ isKept: false, isServing: true },
    ...rest,
  };
}

const sorry = destination('10.0.0.99', 1);

function settled(
  plan: Partial<ServicePlan>,
  members: readonly Member[],
  { hasQuorum = true, now = 0, scheduler = 'wlc' } = {},
): Settled {
  const byKey = new Map(members.map((each) => [destinationKeyText(each.wanted), each]));
  return settle(
    { plan: { ...basic, ...plan }, scheduler, members: byKey, hasQuorum },
    destinationKeyText,
    now,
  );
}

/** `10.0.0.1=1 10.0.0.2=0` */
function text({ table }: Settled): string {
  return [...table.values()]
    .map(({ address, weight }) => `${address.replace('10.0.0.', '')}=${weight}`)
    .join(' ');
}

const [one, two, three] = ['10.0.0.1', '10.0.0.2', '10.0.0.3'] as const;

describe('a real server', () => {
  it('that fails leaves the table, or keeps its place with weight 0, as was asked', () => {
    const members = [member(one, { weight: 3 }), member(two, { isUp: false })];
    expect(text(settled({}, members))).toBe('1=3');
    expect(text(settled({ onFailure: 'quiesce' }, members))).toBe('1=3 2=0');
  });

  it('that is disabled or rests gets nothing, whatever its checks say, and stays', () => {
    const members = [member(one), member(two, { isLet: false }), member(three, { restsBy: '/m/10.0.0.3' })];
    expect(text(settled({}, members))).toBe('1=1 2=0 3=0');
  });

  it('that was put there by hand while it is down waits with weight 0', () => {
    expect(text(settled({}, [member(one), member(two, { isUp: false, isKept: true })]))).toBe('1=1 2=0');
  });

  it('has the weight that its check says, and 0 is a weight', () => {
    expect(text(settled({}, [member(one, { said: 7 }), member(two, { said: 0 })]))).toBe('1=7 2=0');
  });
});

describe('the quorum', () => {
  const half = { quorum: { kind: 'percent', value: 50 }, panic: 'sorry', sorry } as const;
  const up = (...flags: readonly boolean[]): readonly Member[] =>
    flags.map((isUp, index) => member(`10.0.0.${index + 1}`, { isUp }));

  it('is lost below, and the sorry server serves alone', () => {
    const after = settled({ ...half, onFailure: 'quiesce' }, up(true, false, false));
    expect(text(after)).toBe('1=0 2=0 3=0 99=1');
    expect(after.happened).toEqual([{ kind: 'quorum-lost', weight: 1, needed: 2 }]);
  });

  it('is back, and the sorry server goes', () => {
    const after = settled(half, up(true, true, false), { hasQuorum: false });
    expect(text(after)).toBe('1=1 2=1');
    expect(after.happened).toEqual([{ kind: 'quorum-gained', weight: 2, needed: 2 }]);
  });

  it('is back only above it by the hysteresis, but never needs more than there is', () => {
    const plan = { ...half, quorum: { kind: 'weight', value: 2 }, hysteresis: 1 } as const;
    expect(settled(plan, up(true, true, false), { hasQuorum: true }).hasQuorum).toBe(true);
    expect(settled(plan, up(true, true, false), { hasQuorum: false }).hasQuorum).toBe(false);
    expect(settled(plan, up(true, true, true), { hasQuorum: false }).hasQuorum).toBe(true);
    expect(settled({ ...plan, hysteresis: 9 }, up(true, true, true), { hasQuorum: false }).hasQuorum).toBe(
      true,
    );
  });

  it('counts those alone that may serve', () => {
    const members = [member(one), member(two, { isLet: false }), member(three, { isLet: false })];
    expect(settled(half, members).hasQuorum).toBe(true);
    expect(text(settled({ panic: 'sorry', sorry }, members.slice(1)))).toBe('2=0 3=0 99=1');
  });

  it('once lost lets all serve again where that was asked, but those who are disabled', () => {
    const members = [...up(false, false), member(three, { isLet: false, isUp: false })];
    expect(text(settled({ panic: 'all' }, members))).toBe('1=1 2=1');
    expect(text(settled({ panic: 'none' }, members))).toBe('');
  });
});

describe('a slow start', () => {
  const slow = { slowStartMs: 10_000 };
  const others = [member(one), member(two)];
  const fresh = member(three, { isServing: false });

  it('begins with the smallest share when a real server comes beside others', () => {
    const after = settled(slow, [...others, fresh], { now: 5_000 });
    expect(text(after)).toBe('1=64 2=64 3=1');
    expect(after.happened).toEqual([{ kind: 'slow-start-step', server: '10.0.0.3:80', share: 0 }]);
    expect(after.members.get('10.0.0.3:80')).toMatchObject({ startedAt: 5_000, isServing: true });
  });

  it('goes on with the time, and at its end all weights are what they were', () => {
    const starting = member(three, { startedAt: 0, toldTenths: 0 });
    const at = (now: number) => settled(slow, [...others, starting], { now });
    expect([2_500, 5_000, 9_900, 10_000].map((now) => text(at(now)))).toEqual([
      ...['1=64 2=64 3=16', '1=64 2=64 3=32', '1=64 2=64 3=63', '1=1 2=1 3=1'],
    ]);
    expect(at(5_000).happened).toEqual([{ kind: 'slow-start-step', server: '10.0.0.3:80', share: 0.5 }]);
    expect(at(10_000).happened).toEqual([{ kind: 'slow-start-ended', server: '10.0.0.3:80' }]);
  });

  it('is none where nobody else serves, or all come together', () => {
    expect(text(settled(slow, [fresh]))).toBe('3=1');
    expect(text(settled(slow, [member(one, { isServing: false }), fresh]))).toBe('1=1 3=1');
  });

  it('is none with a scheduler that does not weigh connections', () => {
    expect(text(settled(slow, [...others, fresh], { scheduler: 'sh' }))).toBe('1=1 2=1 3=1');
  });

  it('ends with a failure, and begins anew after it', () => {
    const failed = settled(slow, [...others, member(three, { startedAt: 0, isUp: false })], { now: 5_000 });
    expect(text(failed)).toBe('1=1 2=1');
    const back = [...failed.members.values()].map((each) => ({ ...each, isUp: true }));
    expect(text(settled(slow, back, { now: 8_000 }))).toBe('1=64 2=64 3=1');
  });
});
