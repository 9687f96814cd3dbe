import { describe, expect, it } from 'vitest';
import { fragments, tcp, udp } from '../../../test/support/packet.ts';
import { createDirector, service } from './golden/director.ts';

const dns = '-u 10.0.0.100:53';
const partsOf = (id: number) =>
  fragments(udp({ from: '10.0.0.200:40001', to: '10.0.0.100:53', id, payload: 64 }), 32) as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
const [first, second, third] = partsOf(7);

describe('later fragments', () => {
  it('go after the first one for thirty seconds', () => {
    const director = createDirector(service(dns, 'rr', ['10.0.0.11']));
    const fates = [first, third].map((frame) => director.receive(frame).fate);
    director.world.wait(30);
    fates.push(director.receive(second).fate);
    director.world.wait(0.001);
    fates.push(director.receive(second).fate);
    expect(fates).toEqual(['redirected', 'redirected', 'redirected', 'stack']);
    expect([director.sent(), director.notForwarded()]).toEqual([{ '10.0.0.11': 3 }, ['fragment=1']]);
  });

  it('are nobody’s before the first one has come, and of another datagram', () => {
    const director = createDirector(service(dns, 'rr', ['10.0.0.11']));
    expect(director.receive(second).fate).toBe('stack');
    director.receive(first);
    expect(director.receive(partsOf(8)[1]).fate).toBe('stack');
    expect(director.notForwarded()).toEqual(['fragment=2']);
  });

  it('lose the oldest datagrams when there are too many', () => {
    const director = createDirector(service(dns, 'rr', ['10.0.0.11']), { fragments: 2 });
    for (const id of [1, 2, 3]) director.receive(partsOf(id)[0]);
    expect([1, 2, 3].map((id) => director.receive(partsOf(id)[1]).fate)).toEqual([
      'stack',
      'redirected',
      'redirected',
    ]);
  });

  it('keep their connection alive, and in the state it has', () => {
    const web = '-t 10.0.0.100:80';
    const ends = { from: '10.0.0.200:40001', to: '10.0.0.100:80' };
    const director = createDirector(service(web, 'rr', ['10.0.0.11']));
    const [begin, rest] = fragments(tcp({ ...ends, flags: 'FA', id: 9, payload: 60 }), 40);
    for (const flags of ['S', 'A']) director.receive(tcp({ ...ends, flags }));
    director.receive(begin ?? first);
    director.world.wait(20);
    director.receive(rest ?? first);
    expect([...director.model.connections()]).toMatchObject([{ state: 'FIN_WAIT', expiresInSeconds: 120 }]);
  });
});
