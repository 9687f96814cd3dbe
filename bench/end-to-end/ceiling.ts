/** The program of bpf/ceiling.bpf.c on an interface. */

import { fileURLToPath } from 'node:url';
import { addressToBytes, parseAddress } from '../../src/ipvs/address.ts';
import { attachTc } from '../../src/linux/bpf-hook.ts';
import { loadObject, readObject } from '../../src/linux/bpf-object.ts';
import { listLinks } from '../../src/linux/links.ts';

const objectPath = fileURLToPath(new URL('../../bpf/ceiling.bpf.o', import.meta.url));
const place = { priority: 1, handle: 1 };

/** Within the namespace: from now on what comes in by `device` for `vip` goes to the server with this MAC. */
export function attachCeiling(device: string, vip: string, server: Uint8Array): void {
  const link = listLinks().find(({ name }) => name === device);
  const address = parseAddress(vip);
  if (link === undefined || address === undefined) throw new RangeError(`no ${device}, or no address ${vip}`);
  const way = Uint8Array.of(...addressToBytes(address), ...server, ...link.mac);
  const { programs, close } = loadObject(readObject(objectPath), {
    programs: ['fl_ceiling'],
    maps: [],
    constants: { '.rodata.way': way },
  });
  attachTc(link.index, programs.fl_ceiling, place);
  close();
}
