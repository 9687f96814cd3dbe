/** A TCP connection that goes on for as long as a test wants, to an echo (load.ts). */

import { until } from './processes.ts';
import type { Namespace } from './support.ts';

export type Talk = {
  /** Says something, and waits until it has come back. */
  exchange(text: string): Promise<void>;
  close(): void;
};

/** Established, once it is there. */
export async function talkTo(client: Namespace, address: string, port: string): Promise<Talk> {
  const { child, kill } = client.start('busybox', 'nc', address, port);
  let heard = '';
  child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
    heard += piece;
  });
  const exchange = async (text: string): Promise<void> => {
    child.stdin?.write(`${text}\n`);
    await until(`${text} comes back`, () => heard.endsWith(`${text}\n`));
  };
  await exchange('hello');
  return { exchange, close: kill };
}
