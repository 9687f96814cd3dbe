/** The bytes of a forwarded packet: TTL less one and the checksum that goes with it, whatever the header holds. */

import fc from 'fast-check';
import { describe, expect } from 'vitest';
import { arrange, dns, oneServer, web } from '../support/arrange.ts';
import { directorMac } from '../support/frame/build.ts';
import { between, oneHopFurther, tcp, udp } from '../support/packet.ts';
import { hooks } from '../support/player.ts';
import { test } from '../support/test.ts';
import { macs, vip } from '../support/world.ts';

const rs1 = '10.0.0.11';
/** Sums in which a carry runs through both octets, or nearly: all from 0xfe00, and the lowest. */
const carries = Array.from({ length: 0x400 }, (_, index) => (0xfe00 + index) & 0xffff);
const ttls = Array.from({ length: 254 }, (_, index) => index + 2);

describe.for(hooks)('in %s', (hook) => {
  const onItsWay = (frame: Uint8Array): Uint8Array => {
    const older = oneHopFurther(frame);
    return hook !== 'xdp' ? older : between(older, directorMac, macs[rs1] ?? '');
  };

  test('every TTL from 2 to 255 becomes one less, with a right checksum', ({ players }) => {
    const player = players[hook];
    arrange(player, oneServer);
    for (const ttl of ttls) {
      const frame = tcp({ from: '10.0.0.10:40001', to: `${vip}:80`, flags: 'S', ttl });
      expect(player.receive(frame).packet, `TTL ${ttl}`).toEqual(onItsWay(frame));
    }
  });

  test('the checksum is right wherever the sum carries over', ({ players }) => {
    const player = players[hook];
    arrange(player, oneServer);
    const ofId = (id: number): Uint8Array =>
      tcp({ from: '10.0.0.10:40001', to: `${vip}:80`, flags: 'S', id });
    const checksumOf = (frame: Uint8Array): number => Buffer.from(frame).readUInt16BE(24);
    const first = checksumOf(ofId(0));
    for (const wanted of carries) {
      // One more in the identification is one less in the checksum, modulo 0xffff.
      const frame = ofId((first - wanted + 0xffff) % 0xffff);
      expect(checksumOf(frame) % 0xffff).toBe(wanted % 0xffff);
      expect(player.receive(frame).packet, `checksum ${wanted}`).toEqual(onItsWay(frame));
    }
  });

  test('random headers, options and payloads: TTL, header checksum and MACs change, and nothing else', ({
    players,
  }) => {
    const player = players[hook];
    arrange(player, { service: web, servers: { [rs1]: 1 } });
    arrange(player, { service: dns, servers: { [rs1]: 1 } });
    fc.assert(
      fc.property(headers, fc.boolean(), fc.nat(1400), ({ from, ...fields }, isTcp, payload) => {
        const frame = isTcp
          ? tcp({ ...fields, from, to: `${vip}:80`, flags: 'S', payload })
          : udp({ ...fields, from, to: `${vip}:53`, payload });
        const sent = player.receive(frame);
        expect(sent).toEqual({
          fate: 'forwarded',
          by: hook === 'xdp' ? 'xdp' : 'tc',
          packet: onItsWay(frame),
        });
      }),
      { numRuns: 300 },
    );
  });
});

const byte = fc.nat(255);
const headers = fc.record({
  from: fc
    .tuple(fc.tuple(fc.integer({ min: 1, max: 223 }), byte, byte, byte), fc.integer({ min: 1, max: 0xffff }))
    .map(([octets, port]) => `${octets.join('.')}:${port}`),
  ttl: fc.integer({ min: 2, max: 255 }),
  tos: byte,
  id: fc.nat(0xffff),
  fragment: fc.constantFrom(0, 0x4000, 0x8000),
  options: fc.nat(10).chain((words) => fc.array(byte, { minLength: words * 4, maxLength: words * 4 })),
});
