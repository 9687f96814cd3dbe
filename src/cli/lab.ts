/** `fairlead lab`: topologies of network namespaces to try things in. */

import type { Command } from 'commander';
import { sweep } from '../lab/sweep.ts';
import { requireMachine } from '../lab/tools.ts';
import { register as down } from './lab/down.ts';
import { register as exec } from './lab/exec.ts';
import { register as list } from './lab/list.ts';
import { register as pitfalls } from './lab/pitfalls.ts';
import { register as play } from './lab/play.ts';
import { register as reap, name as reapName } from './lab/reap.ts';
import { register as shell } from './lab/shell.ts';
import { register as up } from './lab/up.ts';
import { register as walkthrough } from './lab/walkthrough.ts';

const examples = `
Examples:
  fairlead lab walkthrough         every step of direct routing, with real packets, each checked
  fairlead lab play masquerade     another scenario; fairlead lab play --help lists them
  fairlead lab play pitfall vip-missing
                                   one fault in a healthy set-up, and what the doctor says to it
  fairlead lab up dr               build a lab and leave it standing
  fairlead lab shell server1       a shell on one of its hosts
  fairlead lab exec client -- curl -m 2 172.25.138.100
  fairlead lab down                take it down

Exit codes: 0 done; 1 a check or a command failed; 2 not root, a tool is missing, or a wrong call.`;

/** Adds `lab` and its commands. Before each of them, what killed runs left behind is cleared away. */
export function register(program: Command): void {
  const lab = program
    .command('lab')
    .description('a network of namespaces on this machine, to try things in (needs root)')
    .addHelpText('after', examples)
    .hook('preAction', async (_, command) => {
      if (command.name() === reapName) return;
      requireMachine(['ip']);
      await sweep();
    });
  for (const add of [walkthrough, play, pitfalls, up, down, list, shell, exec, reap]) add(lab);
}
