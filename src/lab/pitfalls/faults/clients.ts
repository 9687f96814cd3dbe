/** Rows 11 and 12: hosts that hold the virtual address, as clients of it. */

import { director, vip4 } from '../../scenarios/common.ts';
import type { Limit } from '../fault.ts';
import { oneArmed } from '../settings.ts';
import { endsIn, refused } from '../traffic.ts';

const words = `fairlead doctor --on client --vip ${vip4}`;

export const realServerAsClient: Limit = {
  kind: 'limit',
  pitfall: 11,
  name: 'client-is-real-server',
  title: 'A real server is a client of its own service',
  why: 'It holds the virtual address: what it sends there never leaves it.',
  setting: oneArmed,
  symptom: (stage) =>
    endsIn(stage, 'it is always served by itself', ['rs1', 'rs1', 'rs1', 'rs1'], { from: 'rs1' }),
  asked: 'rs1',
  words,
  finding: { code: 'client-holds-vip', host: 'rs1' },
};

export const directorAsClient: Limit = {
  kind: 'limit',
  pitfall: 12,
  name: 'client-is-director',
  title: 'The director is a client of its own service',
  why: 'It holds the virtual address, and what it sends there goes up its own stack, where nobody listens.',
  setting: oneArmed,
  symptom: (stage) => endsIn(stage, 'it is refused at once', [refused, refused], { from: director }),
  asked: director,
  words,
  finding: { code: 'client-holds-vip', host: director },
};
