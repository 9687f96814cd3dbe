/** `fairlead interface NAME MODE`: which hook carries the director on an interface. */

import { Argument, type Command } from 'commander';
import { connectDirector } from '../api/connect.ts';
import { type HookMode, hookModes } from '../ipvs/interface.ts';

export function register(program: Command): void {
  program
    .command('interface')
    .description('choose the hook that carries the director on an interface')
    .argument('<name>', 'an Ethernet interface of this network namespace')
    .addArgument(new Argument('<mode>', 'auto: XDP on hardware, TC elsewhere').choices(hookModes))
    .addHelpText('after', '\nExample:\n  fairlead interface eth0 xdp\n\nThe choice outlives the daemon.')
    .action(async (name: string, mode: HookMode) => {
      const client = await connectDirector();
      await client.call('setHookMode', { params: { interface: name }, body: { mode } });
    });
}
