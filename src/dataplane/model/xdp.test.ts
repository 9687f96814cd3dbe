import { describe, expect, it } from 'vitest';
import { between, oneHopFurther, padded, tcp, udp } from '../../../test/support/packet.ts';
import { createDirector, service } from './golden/director.ts';

const key = '-t 10.0.0.100:80';
const server = '10.0.0.11';
const ends = { from: '10.0.0.200:40001', to: '10.0.0.100:80' };
const syn = tcp({ ...ends, flags: 'S' });
const ack = tcp({ ...ends, flags: 'A' });

describe('XDP', () => {
  it('writes the MACs itself, to a neighbour that an earlier packet has asked for', () => {
    const director = createDirector(service(key, 'rr', [server]));
    expect(director.receive(syn, 'xdp').fate).toBe('redirected');
    expect(director.receive(ack, 'xdp')).toEqual({
      fate: 'forwarded',
      frame: between(oneHopFurther(ack), '02:00:00:00:00:02', '02:00:00:00:00:0b'),
      interface: 2,
    });
    director.world.wait(2);
    expect([director.receive(ack, 'xdp').fate, director.receive(ack, 'xdp').fate]).toEqual([
      'redirected',
      'forwarded',
    ]);
  });

  it('counts a packet once, whichever of the two sends it', () => {
    const director = createDirector(service(key, 'rr', [server, '10.0.0.12']));
    for (const frame of [syn, ack, ack]) director.receive(frame, 'xdp');
    expect(director.sent()).toEqual({ '10.0.0.12': 3 });
    expect([...director.model.connections()].map(({ state }) => state)).toEqual(['ESTABLISHED']);
  });

  it('leaves the padding of a short frame, which TC takes off', () => {
    const director = createDirector(service(key, 'rr', [server]));
    director.receive(syn, 'xdp');
    expect(director.receive(padded(ack), 'xdp')).toMatchObject({ frame: { length: 60 } });
    expect(director.receive(padded(ack), 'tc')).toMatchObject({ frame: { length: 54 } });
  });

  it.each([
    ['a frame for another MAC', between(ack, '02:00:00:00:00:aa', '02:00:00:00:00:99'), 'stack'],
    ['the last hop of a packet', tcp({ ...ends, flags: 'A', ttl: 1 }), 'redirected'],
    [
      'a first fragment',
      tcp({ ...ends, flags: 'A', payload: 64, part: { offset: 0, length: 32 } }),
      'redirected',
    ],
  ])('leaves %s to those behind it', (_, frame, fate) => {
    const director = createDirector(service(key, 'rr', [server]));
    for (const known of [syn, ack]) director.receive(known, 'xdp');
    expect(director.receive(frame, 'xdp').fate).toBe(fate);
  });

  it('leaves new connections to TC while a reply of a real server may come by', () => {
    const director = createDirector([...service(key, 'rr', [server]), '-A -u 10.0.0.100:53 -s rr']);
    const query = udp({ ...ends, to: '10.0.0.100:53' });
    director.ipvsadm('-a -u 10.0.0.100:53 -r 10.0.0.12:53 -m');
    director.receive(query, 'xdp');
    const fates = [syn, ack, query].map((frame) => director.receive(frame, 'xdp').fate);
    expect(fates).toEqual(['redirected', 'forwarded', 'redirected']);
  });
});
