/** Rows 13 and 33: a director that is one of its own real servers. */

import { director, vip4 } from '../../scenarios/common.ts';
import type { Fault, Line } from '../fault.ts';
import { localNode } from '../settings.ts';
import { endsIn, refused, timedOut } from '../traffic.ts';
import { serverMovesTo } from './address.ts';

const on = (host: string, ...lines: readonly string[]): readonly Line[] =>
  lines.map((line) => ({ host, line }));

export const localRipOnly: Fault = {
  kind: 'fault',
  pitfall: 13,
  name: 'local-rip-only',
  title: "The director's own service listens on the director's address only",
  why: 'What it is given as a real server is still addressed to the virtual address.',
  setting: localNode,
  tools: ['iptables'],
  inject: on(director, serverMovesTo('192.0.2.1')),
  symptom: (stage) => endsIn(stage, 'every second curl is refused', ['rs1', 'rs1', refused, refused]),
  finding: { code: 'service-refused', host: director },
  tidy: on(director, `iptables -t nat -F; ${serverMovesTo('0.0.0.0')}`),
};

export const localFirewall: Fault = {
  kind: 'fault',
  pitfall: 33,
  name: 'local-firewall',
  title: "The director's firewall drops what it serves itself",
  why: 'What the director serves itself goes up its own stack, and through the firewall there.',
  setting: localNode,
  tools: ['iptables'],
  inject: on(director, `iptables -A INPUT -d ${vip4} -p tcp --dport 80 -j DROP`),
  symptom: (stage) => endsIn(stage, 'every second curl hangs', ['rs1', 'rs1', timedOut, timedOut]),
  finding: { code: 'local-service-filtered', host: director },
  tidy: on(director, 'iptables -F'),
};
