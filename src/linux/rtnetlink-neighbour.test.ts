import { describe, expect, it } from 'vitest';
import { parseAnswer } from './netlink.ts';
import { neighboursIn } from './rtnetlink-neighbour.ts';

/** Messages of an answer to RTM_GETNEIGH, as a 6.18 kernel wrote them. */
const reachable = message(2, 0x02, '0a000002', '0200ac198a02');
const failed = message(2, 0x20, '0a000003');
const noarp = message(10, 0x40, 'ff020000000000000000000000000016', '333300000016');
const bridged = message(7, 0x80, undefined, '333300000001');

function message(family: number, state: number, address?: string, mac?: string): string {
  const attribute = (type: number, hex: string) => {
    const length = 4 + hex.length / 2;
    const padded = hex + '00'.repeat((4 - (length % 4)) % 4);
    return Buffer.from([length, 0, type, 0]).toString('hex') + padded;
  };
  const body =
    Buffer.from([family, 0, 0, 0, 3, 0, 0, 0, state, 0, 0, 1]).toString('hex') +
    (address ? attribute(1, address) : '') +
    (mac ? attribute(2, mac) : '') +
    attribute(3, '1b00000033000000ee02000000000000');
  const head = Buffer.alloc(16);
  head.writeUInt32LE(16 + body.length / 2, 0);
  head.writeUInt16LE(28, 4);
  return head.toString('hex') + body;
}

describe('neighbours', () => {
  it('are read with state, and with a MAC where there is one', () => {
    const { messages } = parseAnswer(Buffer.from(reachable + failed + noarp + bridged, 'hex'));
    expect(neighboursIn(messages)).toEqual([
      { index: 3, address: '10.0.0.2', state: 'reachable', mac: '02:00:ac:19:8a:02' },
      { index: 3, address: '10.0.0.3', state: 'failed' },
      { index: 3, address: 'ff02::16', state: 'noarp', mac: '33:33:00:00:00:16' },
    ]);
  });
});
