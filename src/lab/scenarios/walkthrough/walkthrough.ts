/** The walkthrough: the story that must always work, from two web servers to a director that always answers. */

import type { Scenario } from '../../scenario.ts';
import { dr } from '../../topologies.ts';
import { arpProblem, sharedAddress } from './arp-problem.ts';
import { arptablesCure, arptablesUndone, kernelCure } from './cures.ts';
import { directorAnswers } from './proof.ts';
import { directorAlone, nobodyAnswers, virtualService, webServers } from './service.ts';
import { firstPort } from './setting.ts';

export const walkthrough: Scenario = {
  name: 'walkthrough',
  about: 'load balancing by direct routing, step by step',
  topology: dr,
  tools: ['curl', 'arptables', 'arptables-save', 'arptables-restore', 'nstat'],
  steps: [
    webServers,
    virtualService,
    nobodyAnswers,
    directorAlone,
    sharedAddress,
    arpProblem,
    arptablesCure,
    directorAnswers('arptables', { load: firstPort.loadWithArptables, after: firstPort.afterArptables }),
    arptablesUndone,
    kernelCure,
    directorAnswers("the kernel's switches", {
      load: firstPort.loadWithSwitches,
      after: firstPort.afterSwitches,
    }),
  ],
};
