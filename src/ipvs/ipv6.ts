/**
 * IPv6 addresses as text: reading any form of RFC 4291 §2.2, writing the one of RFC 5952, with inet_ntop(3)'s choice
 * where that leaves one. Pure.
 */

/** 16 octets in network order; `undefined` where the text is no IPv6 address. */
export function readIpv6(text: string): Uint8Array | undefined {
  if (!/^[0-9a-fA-F:.]{2,45}$/.test(text)) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head = '', tail] = halves;
  const before = groupsOf(head, tail === undefined);
  const after = tail === undefined ? [] : groupsOf(tail, true);
  if (!before || !after) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...new Array<number>(missing).fill(0), ...after];
  return Uint8Array.from(groups.flatMap((group) => [group >>> 8, group & 0xff]));
}

/** 16-bit groups; the last may be written as an IPv4 address, where the text is the address's end. */
function groupsOf(text: string, isEnd: boolean): readonly number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (isEnd && index === parts.length - 1 && part.includes('.')) {
      const quad = part.split('.');
      if (
        quad.length !== 4 ||
        !quad.every((octet) => /^(0|[1-9]\d{0,2})$/.test(octet) && Number(octet) < 256)
      )
        return undefined;
      const [a = 0, b = 0, c = 0, d = 0] = quad.map(Number);
      groups.push(a * 256 + b, c * 256 + d);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

/**
 * Lower case, no leading zeros, the first of the longest runs of zero groups as `::` (RFC 5952 §4). Behind ::/96 and
 * ::ffff:0:0/96 the last 32 bits are dotted decimal (§5), as glibc's inet_ntop(3) writes them.
 */
export function formatIpv6(bytes: Uint8Array): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, 16);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2));
  const run = longestZeros(groups);
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return text(groups);
  if (run.start === 0 && run.length === 6) return `::${bytes.slice(12).join('.')}`;
  if (run.start === 0 && run.length === 5 && groups[5] === 0xffff)
    return `::ffff:${bytes.slice(12).join('.')}`;
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeros(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let index = 0; index <= groups.length; index++) {
    if (groups[index] === 0) continue;
    if (index - start > best.length) best = { start, length: index - start };
    start = index + 1;
  }
  return best;
}
