import { describe, expect, it } from 'vitest';
import { tcp, udp } from '../../../test/support/packet.ts';
import { createDirector, service } from './golden/director.ts';

const key = '-t 10.0.0.100:80';
const servers = ['10.0.0.11', '10.0.0.12', '10.0.0.13'];
const segment = (port: number, flags: string) =>
  tcp({ from: `10.0.0.200:${port}`, to: '10.0.0.100:80', flags });
const ports = Array.from({ length: 300 }, (_, index) => 1024 + index);

describe('a full table', () => {
  const full = { connections: 1 };

  it('sends every segment of a connection that has no entry to the same real server', () => {
    const director = createDirector(service(key, 'rr', servers), full);
    director.receive(segment(1000, 'S'));
    director.sent();
    for (const port of ports.slice(0, 20)) {
      const where = ['S', 'A', 'FA'].map((flags) => {
        director.receive(segment(port, flags));
        return director.sent();
      });
      expect(where).toEqual([where[0], where[0], where[0]]);
    }
    expect(director.notForwarded()).toEqual(['table_full=60']);
    expect([...director.model.connections()]).toHaveLength(1);
  });

  it('shares clients out by weight', () => {
    const director = createDirector(service(key, 'wrr', servers), full);
    director.ipvsadm(`-e ${key} -r 10.0.0.11 -g -w 4`);
    director.receive(segment(1000, 'S'));
    director.sent();
    for (const port of ports) director.receive(segment(port, 'S'));
    const { '10.0.0.11': heavy = 0, '10.0.0.12': light = 0 } = director.sent();
    expect(heavy / light).toBeGreaterThan(3);
    expect(heavy / light).toBeLessThan(5);
  });

  it('moves only those clients that a removed real server had', () => {
    const director = createDirector(service(key, 'rr', servers), full);
    director.receive(segment(1000, 'S'));
    const placesOf = () =>
      ports.slice(0, 60).map((port) => {
        director.sent();
        director.receive(segment(port, 'S'));
        return Object.keys(director.sent())[0];
      });
    const before = placesOf();
    director.ipvsadm(`-d ${key} -r 10.0.0.12`);
    const after = placesOf();
    const moved = before.filter((place, index) => place !== after[index]);
    expect(new Set(moved)).toEqual(new Set(['10.0.0.12']));
  });

  it('recognises segments for a minute after the last connection without entry was begun or heard of', () => {
    const director = createDirector(service(key, 'rr', servers), full);
    director.receive(segment(1000, 'S'));
    director.receive(segment(2000, 'S'));
    director.world.wait(59);
    expect(director.receive(segment(2000, 'A')).fate).toBe('redirected');
    director.world.wait(60);
    expect(director.receive(segment(2000, 'A')).fate).toBe('redirected');
    director.world.wait(60.001);
    expect(director.receive(segment(2000, 'A')).fate).toBe('stack');
    expect(director.notForwarded()).toEqual(['no_connection=1', 'table_full=3']);
  });

  it('drops what would be translated, for its replies would find no way back', () => {
    const director = createDirector([...service(key, 'rr', []), `-a ${key} -r 10.0.0.11:80 -m`], full);
    director.receive(segment(1000, 'S'));
    expect(director.receive(segment(2000, 'S')).fate).toBe('dropped');
  });

  it('still schedules the datagrams of a one-packet service, which need no entry', () => {
    const dns = '-u 10.0.0.100:53';
    const director = createDirector(
      [...service(key, 'rr', servers), `-A ${dns} -s rr -o`, `-a ${dns} -r 10.0.0.14 -g`],
      full,
    );
    director.receive(segment(1000, 'S'));
    director.sent();
    director.receive(udp({ from: '10.0.0.200:1', to: '10.0.0.100:53' }));
    expect([director.sent(), director.notForwarded()]).toEqual([{ '10.0.0.14': 1 }, []]);
  });
});

describe('a table that is full of half-open connections', () => {
  it('takes a new one again when others have been established or closed', () => {
    const director = createDirector(service(key, 'rr', servers), { halfOpen: 2 });
    for (const port of [1000, 1001, 1002]) director.receive(segment(port, 'S'));
    expect(director.notForwarded()).toEqual(['half_open_full=1']);
    director.receive(segment(1000, 'A'));
    director.receive(segment(1003, 'S'));
    director.receive(segment(1001, 'FA'));
    director.receive(segment(1004, 'S'));
    expect(director.model.connectionTable()).toMatchObject({ count: 4, halfOpen: 2, stateless: true });
    expect(director.notForwarded()).toEqual(['half_open_full=1']);
  });
});
