import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ARPHRD_ETHER, linkDumpRequest, parseLinkDump } from './rtnetlink.ts';

const u16 = (value: number): number[] => [value & 0xff, value >> 8];
const u32 = (value: number): number[] => [...u16(value & 0xffff), ...u16(value >>> 16)];
const text = (words: string): number[] => [...Buffer.from(`${words}\0`)];
const aligned = (bytes: readonly number[]): number[] => [
  ...bytes,
  ...Array.from({ length: -bytes.length & 3 }, () => 0),
];

const attribute = (type: number, ...value: readonly number[]): number[] =>
  aligned([...u16(value.length + 4), ...u16(type), ...value]);
const message = (type: number, ...body: readonly number[]): number[] =>
  aligned([...u32(body.length + 16), ...u16(type), ...u16(2), ...u32(1), ...u32(0), ...body]);
const link = (type: number, index: number, ...attributes: readonly number[]): number[] =>
  message(16, 0, 0, ...u16(type), ...u32(index), ...u32(0), ...u32(0), ...attributes);

const mac = [2, 0, 0, 0, 0, 0xaa];
const nested = 0x8000;
const done = message(3, ...u32(0));
const eth0 = link(
  1,
  2,
  ...attribute(1, ...mac),
  ...attribute(3, ...text('eth0')),
  ...attribute(4, ...u32(9000)),
);
const port = link(
  1,
  7,
  ...attribute(3, ...text('veth7')),
  ...attribute(1, ...mac),
  ...attribute(10, ...u32(5)),
  ...attribute(18 | nested, ...attribute(1, ...text('veth')), ...attribute(2, 1, 2, 3)),
  ...attribute(999, 1, 2, 3, 4, 5),
);
const parse = (...bytes: readonly number[]) => parseLinkDump(Uint8Array.from(bytes));

describe('the list of links', () => {
  it('is asked for with one dump request, without the counters', () => {
    expect([...linkDumpRequest()]).toEqual([
      ...[...u32(40), ...u16(18), ...u16(0x301), ...u32(0), ...u32(0)],
      ...Array.from({ length: 16 }, () => 0),
      ...[...u16(8), ...u16(29), ...u32(8)],
    ]);
  });

  it('has index, name, MAC, MTU and type of each, and of virtual ones the kind and the master', () => {
    expect(parse(...eth0, ...port)).toEqual({
      done: false,
      links: [
        {
          index: 2,
          name: 'eth0',
          type: ARPHRD_ETHER,
          mac: Uint8Array.from(mac),
          mtu: 9000,
          isUp: false,
          kind: undefined,
          master: undefined,
        },
        {
          index: 7,
          name: 'veth7',
          type: ARPHRD_ETHER,
          mac: Uint8Array.from(mac),
          mtu: 0,
          isUp: false,
          kind: 'veth',
          master: 5,
        },
      ],
    });
  });

  it('ends with the message that says so, and what follows is not read', () => {
    expect(parse(...eth0, ...done, ...port)).toMatchObject({ done: true, links: [{ name: 'eth0' }] });
  });

  it('ends with an error, whose number is positive', () => {
    const EPERM = 1;
    expect(parse(...message(2, ...u32(-EPERM), ...u32(0)))).toEqual({ links: [], done: true, error: EPERM });
  });

  it('passes over messages of other types', () => {
    expect(parse(...message(17, 1, 2, 3, 4), ...eth0)).toMatchObject({ links: [{ name: 'eth0' }] });
  });

  it('may be empty', () => {
    expect(parse()).toEqual({ links: [], done: false });
  });

  it('has links without a name or a MAC', () => {
    expect(parse(...link(772, 1))).toMatchObject({ links: [{ index: 1, name: '', mac: new Uint8Array() }] });
  });

  it('does not share the bytes of the datagram, which is used again', () => {
    const datagram = Uint8Array.from(eth0);
    const { links } = parseLinkDump(datagram);
    datagram.fill(0);
    expect(links[0]?.mac).toEqual(Uint8Array.from(mac));
  });
});

describe('bytes that are not what they should be never throw', () => {
  const whole = [...eth0, ...port, ...message(2, ...u32(-1), ...u32(0)), ...done];

  it('when they end anywhere', () => {
    for (let length = 0; length <= whole.length; length++) parse(...whole.slice(0, length));
  });

  it('when single ones are changed', () => {
    const change = fc.tuple(fc.nat(whole.length - 1), fc.nat(255));
    fc.assert(
      fc.property(
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.nat(whole.length),
        (changes, length) => {
          const bytes = Uint8Array.from(whole);
          for (const [at, value] of changes) bytes[at] = value;
          parseLinkDump(bytes.subarray(0, length));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('when a length inside is shorter than what it should hold', () => {
    const shorts = [
      message(16),
      message(16, 0, 0, 0, 0),
      message(2),
      message(2, 1),
      link(1, 2, ...attribute(10, 1)),
    ];
    for (const bytes of shorts) expect(() => parse(...bytes, ...done)).not.toThrow();
  });

  it('when they are random', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void parseLinkDump(bytes)));
  });
});
