/** The environment of everything that runs in a lab. */

import { binDirectory } from './package-root.ts';
import { identify, processesWith } from './proc.ts';
import { searchPath } from './tools.ts';

/** Marks each process of a lab, so that a teardown finds it wherever it went. */
const labVariable = 'FAIRLEAD_LAB';
const hostVariable = 'FAIRLEAD_HOST';

/**
 * `base` with our own `ipvsadm` and `fairlead` first in the PATH, and without proxies and further certificates: a curl
 * in a lab speaks to the lab, and Node would read the certificates whenever it starts, which takes longer than an ipvsadm.
 */
export function labEnvironment(
  id: string,
  host: string,
  base: NodeJS.ProcessEnv = process.env,
): NodeJS.ProcessEnv & { readonly PATH: string } {
  const plain = Object.entries(base).filter(([name]) => !/_proxy$|^NODE_EXTRA_CA_CERTS$/i.test(name));
  return {
    ...Object.fromEntries(plain),
    PATH: searchPath(binDirectory),
    [labVariable]: id,
    [hostVariable]: host,
  };
}

/** The marker for the commands that build lab `id`. */
export function buildEnvironment(id: string): NodeJS.ProcessEnv & { readonly PATH: string } {
  return { ...process.env, PATH: searchPath(), [labVariable]: id };
}

/** The living processes of lab `id`, but for this one: all that was started in it, and their children. */
export function labProcesses(id: string): readonly number[] {
  return processesWith(`${labVariable}=${id}`).filter((pid) => pid !== process.pid && identify(pid));
}
