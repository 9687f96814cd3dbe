import { describe, expect, it } from 'vitest';
import { fragments, udp } from '../../../../test/support/packet.ts';
import { read16 } from '../packet/octets.ts';
import { cut } from './cut.ts';

const ends = { from: '10.0.0.200:40001', to: '10.0.0.100:53' };
/** `[offset, more follows, octets of IP]` */
const placeOf = (frame: Uint8Array) => {
  const place = read16(frame, 20);
  return [(place & 0x1fff) * 8, (place & 0x2000) !== 0, read16(frame, 16)];
};

describe('an IPv4 packet', () => {
  it('is cut into as few fragments as fit the MTU, each a multiple of 8 octets but the last', () => {
    const packet = udp({ ...ends, payload: 2000 });
    expect(cut(packet, 1500)).toEqual(fragments(packet, 1480));
    expect(cut(packet, 1499)?.map(placeOf)).toEqual([
      [0, true, 1492],
      [1472, false, 556],
    ]);
  });

  it('that is a fragment itself goes on from its own place, and is not the last one of its datagram', () => {
    const middle = udp({ ...ends, payload: 3000, part: { offset: 1480, length: 1000 } });
    expect(cut(middle, 600)?.map(placeOf)).toEqual([
      [1480, true, 596],
      [2056, true, 444],
    ]);
  });

  it('keeps in its later fragments only the options that are to be copied', () => {
    const [recordRoute, streamId] = [
      [7, 3, 4],
      [0x88, 4, 0, 1],
    ] as const;
    const packet = udp({ ...ends, payload: 600, options: [...recordRoute, ...streamId, 1] });
    const options = cut(packet, 400)?.map((frame) => [...frame.subarray(34, 42)]);
    expect(options).toEqual([
      [...recordRoute, ...streamId, 1],
      [1, 1, 1, ...streamId, 1],
    ]);
  });

  it('is not cut for an MTU under 128', () => {
    expect(cut(udp({ ...ends, payload: 600 }), 127)).toBeUndefined();
  });
});

describe('an IPv6 packet', () => {
  it('gets a fragment header, which takes the place of what followed the first one', () => {
    const packet = udp({ from: '[fd00::c8]:40001', to: '[fd00::100]:53', payload: 2000 });
    const parts = cut(packet, 1280) ?? [];
    expect(parts.map((frame) => [frame.length, frame[20], frame[54], read16(frame, 56)])).toEqual([
      [14 + 1280, 44, 17, 1],
      [14 + 48 + 776, 44, 17, 1232],
    ]);
  });
});
