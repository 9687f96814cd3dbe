import { expect, it } from 'vitest';
import type { Address } from '../ipvs/address.ts';
import type { Answers, Target } from './probes/server.ts';
import { verdictOf } from './verdict.ts';

const target: Target = {
  ...{ protocol: 'tcp', vip: '10.0.0.100' as Address, rip: '10.0.0.11' as Address },
  ...{ virtualPort: 80, realPort: 80, tunnel: undefined, isTranslated: false },
};
const silent: Answers = {
  ...{
    virtual: 'silent',
    own: 'silent',
    virtualPing: false,
    ownPing: false,
    plainPing: false,
    ipv6Ping: false,
  },
  ...{ tunnelRefused: false, answersThroughUs: false, askedAs: undefined, bouncedTtl: undefined },
};
const alive = { ...silent, own: 'open', ownPing: true } as const;
const tunnelled: Target = { ...target, tunnel: { type: 'ipip', port: 0, checksum: 'nocsum' } };
const translated: Target = { ...target, isTranslated: true };

it.each([
  ['an answer from the virtual address', target, { ...alive, virtual: 'open' }, 'well'],
  ['a reset from it', target, { ...alive, virtual: 'closed' }, 'refused'],
  ['ICMP from a firewall', target, { ...alive, virtual: 'rejected' }, 'filtered'],
  ['silence, but for a ping', target, { ...alive, virtualPing: true }, 'filtered'],
  [
    'a datagram without an answer, but for a ping',
    { ...target, protocol: 'udp' },
    { ...alive, virtualPing: true },
    'unclear',
  ],
  [
    'a service of any port, but for a ping',
    { ...target, virtualPort: 0 },
    { ...alive, virtualPing: true },
    'unclear',
  ],
  ['silence, while its own address answers', target, alive, 'missing'],
  ['silence, while its own address is refused', target, { ...silent, own: 'closed' }, 'missing'],
  ['the same packet again', target, { ...alive, virtual: 'bounced' }, 'missing'],
  [
    'silence, after it has asked for whom to answer',
    target,
    { ...alive, askedAs: '10.0.0.11' as Address },
    'lost',
  ],
  ['nothing at all', target, silent, 'mute'],
  ['nothing in IPv4', target, { ...silent, ipv6Ping: true }, 'deaf'],
  ['a tunnel that is refused', tunnelled, { ...alive, tunnelRefused: true }, 'no-tunnel'],
  [
    'a tunnel that is silent, where the address is',
    tunnelled,
    { ...alive, plainPing: true },
    'tunnel-silent',
  ],
  ['a tunnel that is silent, where the address is not', tunnelled, alive, 'missing'],
  ['an answer from its own address, when translated', translated, alive, 'well'],
  ['a reset from it, when translated', translated, { ...alive, own: 'closed' }, 'refused'],
  ['silence of its port, when translated', translated, { ...silent, ownPing: true }, 'filtered'],
  ['nothing at all, when translated', translated, silent, 'mute'],
] as const)('%s', (_, asked, answers, verdict) => {
  expect(verdictOf(asked, answers)).toBe(verdict);
});
