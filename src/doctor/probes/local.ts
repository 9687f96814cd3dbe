/** The director as its own real server: how its service answers at the virtual address. */

import { connect } from 'node:net';
import type { Address } from '../../ipvs/address.ts';

/** `unknown`: it was not asked, because it is no TCP service or the address is not here. */
export type LocalFate = 'open' | 'closed' | 'silent' | 'unknown';

const patienceMilliseconds = 500;

/** Connects, and closes again at once. */
export function askLocal(address: Address, port: number): Promise<LocalFate> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const end = (fate: LocalFate) => () => {
      socket.destroy();
      resolve(fate);
    };
    socket.setTimeout(patienceMilliseconds, end('silent'));
    socket.once('connect', end('open'));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      end(error.code === 'ECONNREFUSED' ? 'closed' : 'silent')();
    });
  });
}
