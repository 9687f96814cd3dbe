import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import { createFlowBook, type Flow, type FlowTable } from './flows.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

function memory(): FlowTable & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    set: (key, value) => entries.set(hex(key), hex(value)),
    delete: (key) => entries.delete(hex(key)),
  };
}

const wanted: Omit<Flow, 'localPort'> = {
  protocol: 'tcp',
  rip: '10.0.0.2' as Address,
  vip: '192.0.2.1' as Address,
  port: 80,
};

describe('a flow', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  test('is two entries: to the virtual address on the way out, to the real one on the way in', () => {
    const table = memory();
    const flow = createFlowBook(table).take(wanted);
    const port = flow?.localPort.toString(16);
    const zeros = '0'.repeat(24);
    expect(Object.fromEntries(table.entries)).toEqual({
      [`0a000002${zeros}${port}005006040000`]: `c0000201${zeros}`,
      [`c0000201${zeros}${port}005006040100`]: `0a000002${zeros}`,
    });
  });

  test('shares its port with others to other addresses, and with none to one of its two', () => {
    const table = memory();
    const book = createFlowBook(table);
    const all = 65_536 - 61_000;
    const ports = new Set(Array.from({ length: all }, () => book.take(wanted)?.localPort));
    expect(ports.size).toBe(all);
    expect(Math.min(...[...ports].map(Number))).toBe(61_000);
    expect(book.take(wanted)).toBeUndefined();
    expect(book.take({ ...wanted, rip: '10.0.0.3' as Address })).toBeUndefined(); // answers come from the same VIP
    expect(book.take({ ...wanted, protocol: 'udp' })).toBeDefined();
    expect(book.take({ ...wanted, vip: '192.0.2.2' as Address, rip: '10.0.0.3' as Address })).toBeDefined();
  });

  test('is kept for two seconds after its end, for what is still on its way', () => {
    const table = memory();
    const book = createFlowBook(table);
    const flow = book.take(wanted);
    if (flow) book.release(flow);
    vi.advanceTimersByTime(1900);
    expect(table.entries.size).toBe(2);
    vi.advanceTimersByTime(1200);
    expect(table.entries.size).toBe(0);
  });
});
