/** The scenarios that `fairlead lab play` knows, one entry each. */

import type { Scenario } from './scenario.ts';
import { direct } from './scenarios/direct.ts';
import { localNode } from './scenarios/local-node.ts';
import { masquerade } from './scenarios/masquerade.ts';
import { persistence } from './scenarios/persistence.ts';
import { sctp } from './scenarios/sctp.ts';
import { tunnel } from './scenarios/tunnel.ts';
import { twoArmed } from './scenarios/two-armed.ts';
import { walkthrough } from './scenarios/walkthrough/walkthrough.ts';

export const scenarios: Readonly<Record<string, Scenario>> = Object.fromEntries(
  [walkthrough, direct, twoArmed, masquerade, localNode, persistence, tunnel, sctp].map((scenario) => [
    scenario.name,
    scenario,
  ]),
);
