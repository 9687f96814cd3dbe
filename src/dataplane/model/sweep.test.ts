import { describe, expect, it } from 'vitest';
import { tcp } from '../../../test/support/packet.ts';
import { createDirector, type Director, service } from './golden/director.ts';

const key = '-t 10.0.0.100:80';
const servers = ['10.0.0.11', '10.0.0.12'];
const segment = (port: number, flags: string) =>
  tcp({ from: `10.0.0.200:${port}`, to: '10.0.0.100:80', flags });

/** `state seconds`, templates as `template seconds`. */
const listed = ({ model }: Director): readonly string[] =>
  [...model.connections()].map(
    ({ client, state, expiresInSeconds }) => `${client.port === 0 ? 'template' : state} ${expiresInSeconds}`,
  );

describe('an entry', () => {
  it('lives to the last nanosecond of its time, and not longer', () => {
    const director = createDirector(service(key, 'rr', servers));
    director.receive(segment(1000, 'S'));
    director.world.wait(60);
    expect(listed(director)).toEqual(['SYN_RECV 0']);
    director.world.wait(1e-9);
    expect(listed(director)).toEqual([]);
  });

  it('is counted as bound until it is swept out, or its next packet finds it over', () => {
    const director = createDirector(service(key, 'rr', ['10.0.0.11']));
    for (const port of [1000, 1001]) director.receive(segment(port, 'S'));
    director.world.wait(61);
    const bound = () => director.model.services()[0]?.destinations[0]?.activeConnections;
    expect(bound()).toBe(2);
    director.receive(segment(1000, 'A'));
    expect(bound()).toBe(1);
    director.model.sweep();
    expect([bound(), director.model.connectionTable().count]).toEqual([0, 0]);
  });

  it('of a deleted real server is swept out at once, where expire_nodest_conn says so', () => {
    const director = createDirector(service(key, 'rr', ['10.0.0.11']));
    director.receive(segment(1000, 'S'));
    director.ipvsadm(`-d ${key} -r 10.0.0.11`);
    director.model.sweep();
    expect(listed(director)).toHaveLength(1);
    director.model.setSysctls({ ...director.model.sysctls(), expire_nodest_conn: 1 });
    director.model.sweep();
    expect(listed(director)).toEqual([]);
  });
});

describe('a persistence template', () => {
  it('whose time is over goes on for a minute at a time while one of its connections lives', () => {
    const lines = service(`${key} -p 50`, 'rr', []);
    const director = createDirector([...lines, ...servers.map((server) => `-a ${key} -r ${server} -g`)]);
    for (const flags of ['S', 'A']) director.receive(segment(1000, flags));
    expect(listed(director)).toEqual(['ESTABLISHED 900', 'template 50']);
    director.world.wait(51);
    director.model.sweep();
    expect(listed(director)).toEqual(['ESTABLISHED 849', 'template 60']);
    director.receive(segment(1000, 'R'));
    director.world.wait(11);
    director.model.sweep();
    expect(listed(director)).toEqual(['template 49']);
    director.world.wait(50);
    director.model.sweep();
    expect(listed(director)).toEqual([]);
  });
});
