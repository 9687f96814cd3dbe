/** Functions of the kernel by address (/proc/kallsyms): what programs call, and what calls them. */

import { readFileSync } from 'node:fs';

type Start = { readonly address: bigint; readonly name: string };

/** The name of the function that an address lies in. Other BPF programs are among them. */
export function kernelFunctions(): (address: bigint) => string {
  const starts = readFileSync('/proc/kallsyms', 'utf8')
    .split('\n')
    .flatMap(startIn)
    .sort((one, other) => (one.address < other.address ? -1 : 1));
  return (address) => {
    let [low, high] = [0, starts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle]?.address ?? 0n) <= address) low = middle + 1;
      else high = middle;
    }
    return starts[low - 1]?.name ?? 'unknown';
  };
}

function startIn(line: string): readonly Start[] {
  const [, address, name] = /^([0-9a-f]+) [tTwW] (\S+)/.exec(line) ?? [];
  return address !== undefined && name !== undefined ? [{ address: BigInt(`0x${address}`), name }] : [];
}
