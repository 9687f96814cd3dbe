import { describe, expect, it } from 'vitest';
import { tcp } from '../../../test/support/packet.ts';
import { createDirector, type Director, service } from './golden/director.ts';

const key = '-t 10.0.0.100:80';
const segment = (port: number, flags = 'S') =>
  tcp({ from: `10.0.0.200:${port}`, to: '10.0.0.100:80', flags });
const inPackets = ({ model }: Director) =>
  model
    .services()
    .map(({ counters, destinations }) => [
      counters.inPackets,
      ...destinations.map((server) => server.counters.inPackets),
    ]);

describe('a real server that is removed', () => {
  it('keeps its connections, which go on when it is added again', () => {
    const director = createDirector(service(key, 'rr', ['10.0.0.11']));
    director.receive(segment(1000));
    director.ipvsadm(`-d ${key} -r 10.0.0.11`);
    expect(director.receive(segment(1000, 'A')).fate).toBe('dropped');
    expect(director.notForwarded()).toEqual(['server_removed=1']);
    director.ipvsadm(`-a ${key} -r 10.0.0.11 -g`);
    expect(director.receive(segment(1000, 'A')).fate).toBe('redirected');
    expect(director.model.services()[0]?.destinations).toMatchObject([{ activeConnections: 1 }]);
  });

  it('comes back with what it has counted, unless its service has been another one meanwhile', () => {
    const director = createDirector(service(key, 'rr', ['10.0.0.11']));
    for (const flags of ['S', 'A', 'A']) director.receive(segment(1000, flags));
    director.ipvsadm(`-d ${key} -r 10.0.0.11`);
    director.ipvsadm(`-a ${key} -r 10.0.0.11 -g`);
    expect(inPackets(director)).toEqual([[3, 3]]);
    director.ipvsadm(`-D ${key}`);
    for (const line of service(key, 'rr', ['10.0.0.11'])) director.ipvsadm(line);
    expect(inPackets(director)).toEqual([[0, 0]]);
  });

  it('is forgotten two minutes later, if nothing is bound to it any more', () => {
    const director = createDirector(service(key, 'rr', ['10.0.0.11']));
    for (const flags of ['S', 'A']) director.receive(segment(1000, flags));
    director.ipvsadm(`-d ${key} -r 10.0.0.11`);
    const addedAgain = (): readonly number[][] => {
      director.model.sweep();
      director.model.purge();
      director.ipvsadm(`-a ${key} -r 10.0.0.11 -g`);
      const counted = inPackets(director);
      director.ipvsadm(`-d ${key} -r 10.0.0.11`);
      return counted;
    };
    director.world.wait(121);
    expect(addedAgain()).toEqual([[2, 2]]);
    director.world.wait(900);
    expect(addedAgain()).toEqual([[2, 0]]);
  });
});

describe('a real server that is at its upper threshold', () => {
  const overloaded = (): Director => {
    const director = createDirector([`-A ${key} -s rr`, `-a ${key} -r 10.0.0.11 -g -x 2 -y 1`]);
    for (const port of [1000, 1001]) director.receive(segment(port));
    expect(director.receive(segment(1002)).fate).toBe('redirected');
    expect(director.notForwarded()).toEqual(['no_server=1']);
    return director;
  };
  const takesAnother = (director: Director): boolean => {
    director.receive(segment(1003));
    return director.notForwarded().join() === 'no_server=1';
  };

  it('gets nothing new until fewer than the lower threshold are left', () => {
    const director = overloaded();
    director.world.wait(30);
    director.receive(segment(1001, 'A'));
    director.world.wait(31);
    director.model.sweep();
    expect(takesAnother(director)).toBe(false);
  });

  it.each(['-x 3 -y 1', '-x 0'])('is relieved by an edit to %s', (thresholds) => {
    const director = overloaded();
    director.ipvsadm(`-e ${key} -r 10.0.0.11 -g ${thresholds}`);
    expect(takesAnother(director)).toBe(true);
  });
});
