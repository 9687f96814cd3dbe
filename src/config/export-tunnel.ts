/** A tunnel as the file has it. Pure. */

import type { Tunnel } from '../ipvs/service.ts';
import type { ServiceEntry } from './schema/service.ts';

export function tunnelEntry({ type, port, checksum }: Tunnel): NonNullable<ServiceEntry['tunnel']> {
  return { type, ...(port !== 0 && { port }), ...(checksum !== 'nocsum' && { checksum }) };
}
