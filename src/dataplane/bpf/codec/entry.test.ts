import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address, Family, Port } from '../../../ipvs/address.ts';
import { FlTcpState, flEntryIpv4, flEntryIpv6 } from '../abi.gen.ts';
import { decode } from '../layout.ts';
import { firstWord } from './address.ts';
import { type Bound, decodeConnection } from './connection.ts';
import { entryReader, sharedEndpoints } from './entry.ts';

const bound: Bound = { address: '10.0.0.11' as Address, method: 'gate' };
const day = 86_400_000_000_000n;

/** What a listing says of the entry that these octets are, by way of its structs. */
function decoded(family: Family, bytes: Uint8Array, now: bigint) {
  const { key, connection } = decode(family === 4 ? flEntryIpv4 : flEntryIpv6, bytes);
  const { client, vip, ...rest } = key;
  const words = typeof client === 'number' ? { client: firstWord(client), vip: firstWord(Number(vip)) } : key;
  return decodeConnection({ ...rest, ...words, family } as never, connection, bound, now);
}

describe.each([4, 6] as const)('an entry of IPv%d', (family) => {
  const { size, fields } = family === 4 ? flEntryIpv4 : flEntryIpv6;
  const reader = entryReader(family, sharedEndpoints());
  const octets = fc.uint8Array({ minLength: size, maxLength: size });
  const state = fc.integer({ min: 0, max: FlTcpState.FL_STATE_MOVING + 1 });
  // Up to 104 days since boot a number holds each nanosecond.
  const entry = fc.record({
    ...{ octets, state, protocol: fc.constantFrom(6, 17, 132), method: fc.integer({ min: 0, max: 3 }) },
    ...{ used: fc.boolean(), lastSeen: fc.bigInt({ min: 0n, max: 90n * day }) },
    ...{ timeoutMs: fc.nat(1_000_000_000), left: fc.bigInt({ min: -10n, max: 10n ** 15n }) },
  });

  it('is listed as what its structs say, wherever it lies', () => {
    fc.assert(
      fc.property(entry, fc.nat(3), (made, before) => {
        const bytes = Buffer.alloc((before + 1) * size);
        const at = before * size;
        bytes.set(made.octets, at);
        const base = at + fields.connection.offset;
        bytes.writeBigUInt64LE(made.lastSeen, base);
        bytes.writeUInt32LE(made.timeoutMs, base + 8);
        bytes.writeUInt32LE(made.state, base + 12);
        bytes.writeUInt16LE(made.method, base + 20);
        bytes[at + fields.key.layout.fields.protocol.offset] = made.protocol;
        bytes[at + fields.key.layout.fields.used.offset] = Number(made.used);
        const end = made.lastSeen + BigInt(made.timeoutMs) * 1_000_000n;
        const now = end > made.left ? end - made.left : 0n;
        const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
        const expected = decoded(family, bytes.subarray(at), now);
        const isThere = reader.isThere(view, at);
        expect(isThere).toBe(made.used && made.state < FlTcpState.FL_STATE_MOVING);
        if (isThere) expect(reader.read(view, at, bound, Number(now))).toEqual(expected);
      }),
    );
  });
});

it('endpoints that are in common are the same object, however many there are', () => {
  const endpoints = sharedEndpoints();
  const at = (number: number) => endpoints(`10.0.${number >> 8}.${number & 255}` as Address, 80 as Port);
  expect(at(1)).toBe(at(1));
  for (let number = 0; number < 20_000; number++)
    expect(at(number)).toEqual({ address: `10.0.${number >> 8}.${number & 255}`, port: 80 });
});
