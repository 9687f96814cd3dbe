/** What the doctor says on the director, in rows 4, 6 and 8. */

import { macOf } from '../../plan.ts';
import type { Stage } from '../../scenario.ts';
import { director, ipOf, vip } from './setting.ts';

/** Asks the doctor; every one of these real servers must be named, by its own address and its MAC, with this finding. */
export async function doctorNames(stage: Stage, code: string, servers: readonly string[]): Promise<void> {
  const { code: exit, stdout, stderr } = await stage.type(director, 'fairlead doctor');
  for (const server of servers) {
    const where = `real server ${ipOf(server)} (${macOf(ipOf(server))})`;
    const named = exit === 1 && stdout.includes(`\n  where     ${where}\n`) && stdout.includes(`${code}: `);
    stage.check(`the doctor finds ${code} at ${server}, by RIP and MAC`, named, () => stdout + stderr);
  }
}

/** Asks the doctor, who must be content. */
export async function doctorIsContent(stage: Stage): Promise<void> {
  const { code, stdout, stderr } = await stage.type(director, 'fairlead doctor');
  const content = code === 0 && stdout === `healthy: ${vip}\n`;
  stage.check('the doctor is content', content, () => `exit code ${code}: ${stdout}${stderr}`);
}
