import { describe, expect, it } from 'vitest';
import { tcp, udp } from '../../../test/support/packet.ts';
import type { Address } from '../../ipvs/address.ts';
import type { MarkRule } from '../../ipvs/mark-rule.ts';
import { createDirector } from './golden/director.ts';

const whole = 0xffffffff;
const rule = (words: Partial<MarkRule>): MarkRule => ({
  family: 4,
  value: 1,
  mask: whole,
  final: false,
  ...words,
});
const under = (address: string, length: number) => ({ address: address as Address, length });
const web = tcp({ from: '10.0.0.200:40001', to: '10.0.0.100:80', flags: 'S' });
const web6 = tcp({ from: '[fd00::c8]:40001', to: '[fd00::100]:80', flags: 'S' });
const dns = udp({ from: '10.0.0.200:40001', to: '10.9.0.7:53' });

/** The mark's service has a real server of its own for each mark from 1 to 3, of both families. */
function markOf(rules: readonly MarkRule[], frame: Uint8Array): number {
  const director = createDirector(
    [1, 2, 3].flatMap((mark) => [
      ...[`-A -f ${mark} -s rr`, `-a -f ${mark} -r 10.0.0.1${mark} -g`],
      ...[`-A -f ${mark} -6 -s rr`, `-a -f ${mark} -6 -r [fd00::1${mark}]:0 -g`],
    ]),
  );
  director.model.setMarkRules(rules);
  director.receive(frame);
  return Number(Object.keys(director.sent())[0]?.at(-1) ?? 0);
}

describe('a mark rule', () => {
  it.each<[string, Partial<MarkRule>, Uint8Array, number]>([
    ['fits everything of its family', {}, web, 1],
    ['fits nothing of the other family', {}, web6, 0],
    ['fits IPv6', { family: 6, target: under('fd00::', 16) }, web6, 1],
    ['fits by protocol', { protocol: 'udp' }, dns, 1],
    ['does not fit another protocol', { protocol: 'udp' }, web, 0],
    ['fits a network, whether or not this host owns the address', { target: under('10.8.0.0', 15) }, dns, 1],
    ['does not fit beside the network', { target: under('10.9.0.8', 29) }, dns, 0],
    ['fits the client’s network', { source: under('10.0.0.128', 25) }, web, 1],
    ['fits the last port of a range', { targetPorts: { first: 50, last: 80 } }, web, 1],
    ['does not fit the port behind a range', { targetPorts: { first: 50, last: 79 } }, web, 0],
    ['fits the client’s port', { sourcePorts: { first: 40001, last: 40001 } }, web, 1],
    ['fits the interface', { interface: 'eth0' }, web, 1],
    ['does not fit another interface', { interface: 'eth1' }, web, 0],
  ])('%s', (_, words, frame, mark) => {
    expect(markOf([rule(words)], frame)).toBe(mark);
  });

  it('that comes later wins, unless an earlier one was final', () => {
    expect(markOf([rule({ value: 1 }), rule({ value: 2 })], web)).toBe(2);
    expect(markOf([rule({ value: 1, final: true }), rule({ value: 2 })], web)).toBe(1);
  });

  it('changes the bits of its mask alone', () => {
    expect(markOf([rule({ value: 1 }), rule({ value: 2, mask: 2 })], web)).toBe(3);
  });
});
