import { describe, expect, it } from 'vitest';
import { tcp } from '../../../test/support/packet.ts';
import type { SysctlValues } from '../../ipvs/sysctl.ts';
import { createDirector, type Director, service } from './golden/director.ts';

const key = '-t 10.0.0.100:80';
const segment = (port: number, flags = 'S') =>
  tcp({ from: `10.0.0.200:${port}`, to: '10.0.0.100:80', flags });
const [plenty, little] = [1_000_000, 924];

function defended(values: Partial<SysctlValues>): Director {
  const director = createDirector(service(key, 'rr', ['10.0.0.11']));
  director.model.setSysctls({ ...director.model.sysctls(), ...values });
  return director;
}

/** Which of so many new connections were dropped. */
function dropped({ receive }: Director, count: number, from = 1000): readonly number[] {
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  return numbers.filter((number) => receive(segment(from + number)).fate === 'dropped');
}

describe('drop_packet', () => {
  it('3 drops the first of every am_droprate new connections', () => {
    const director = defended({ drop_packet: 3, am_droprate: 3 });
    director.model.defend(plenty);
    expect(dropped(director, 8)).toEqual([1, 4, 7]);
    expect(director.notForwarded()).toEqual(['defence=3']);
  });

  it('1 waits for memory to run low, drops the more the less there is, and waits again', () => {
    const director = defended({ drop_packet: 1, amemthresh: 1024 });
    director.model.defend(plenty);
    expect([dropped(director, 20), director.model.sysctls().drop_packet]).toEqual([[], 1]);
    director.model.defend(little);
    expect([dropped(director, 20, 2000), director.model.sysctls().drop_packet]).toEqual([[1, 11], 2]);
    director.model.defend(plenty);
    expect([dropped(director, 20, 3000), director.model.sysctls().drop_packet]).toEqual([[], 1]);
  });

  it('spares connections that are known', () => {
    const director = defended({});
    director.receive(segment(1000));
    director.model.setSysctls({ ...director.model.sysctls(), drop_packet: 3, am_droprate: 1 });
    expect(director.receive(segment(1000, 'A')).fate).toBe('redirected');
  });
});

describe('drop_entry', () => {
  it('takes half-open connections out at random, and leaves those that are in use', () => {
    const director = defended({ drop_entry: 3 });
    for (let port = 1000; port < 1400; port++) director.receive(segment(port));
    for (let port = 1000; port < 1100; port++) director.receive(segment(port, 'A'));
    for (let second = 0; second < 20; second++) {
      expect(director.model.defend(plenty)).toBe(true);
      director.model.sweep();
      director.model.sweep(); // which thins nothing out
    }
    const states = [...director.model.connections()].map(({ state }) => state);
    const left = (wanted: string) => states.filter((state) => state === wanted).length;
    expect(left('ESTABLISHED')).toBe(100);
    expect(left('SYN_RECV')).toBeGreaterThan(60);
    expect(left('SYN_RECV')).toBeLessThan(240);
  });
});

describe('secure_tcp', () => {
  it('gives new connections other states and times', () => {
    const director = defended({ secure_tcp: 3 });
    director.model.defend(plenty);
    director.receive(segment(1000));
    expect([...director.model.connections()]).toMatchObject([{ state: 'SYNACK', expiresInSeconds: 120 }]);
  });
});
