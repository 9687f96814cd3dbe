/** `fairlead lab walkthrough` */

import type { Command } from 'commander';
import { walkthrough } from '../../lab/scenarios/walkthrough/walkthrough.ts';
import { perform } from './perform.ts';

export function register(lab: Command): void {
  lab
    .command('walkthrough')
    .description('play LVS direct routing step by step, with real packets, and check every step')
    .action(() => perform(walkthrough));
}
