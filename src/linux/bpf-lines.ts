/** Which line of C an instruction of a loaded program was made of, by what the kernel keeps of its BTF (struct bpf_prog_info). */

import { btfBytes } from './bpf-info.ts';
import { checked } from './errno.ts';
import { address } from './ffi.ts';
import { type Fd, libbpf } from './libbpf.ts';

const info = libbpf<[Fd, Uint8Array, Uint32Array], number>(
  'int bpf_obj_get_info_by_fd(int fd, void *info, void *length)',
);

export type SourceLine = {
  /** As the compiler was told it: `./bpf/lib/fast.h`. */
  readonly file: string;
  /** From 1 on. */
  readonly line: number;
};

/** The line of an instruction's address in the kernel; undefined outside of the program. */
export type LinesOfCode = (instruction: bigint) => SourceLine | undefined;

/** Offsets in struct bpf_prog_info, of a number and of the pointer to so many. */
const field = {
  functions: { count: 104, at: 112, bytes: 8 },
  lengths: { count: 108, at: 120, bytes: 4 },
  lines: { count: 148, at: 152, bytes: 16 },
  addresses: { count: 168, at: 160, bytes: 8 },
} as const;
const [btfId, lineSize, addressSize] = [128, 172, 176];

/** Of a program, as compiled for this machine, with all its functions. */
export function linesOfProgram(program: Fd): LinesOfCode {
  const counted = infoOf(program, {});
  const rooms = {
    functions: roomFor(counted, field.functions),
    lengths: roomFor(counted, field.lengths),
    lines: roomFor(counted, field.lines),
    addresses: roomFor(counted, field.addresses),
  };
  const text = textOf(infoOf(program, rooms).getUint32(btfId, true));
  const functions = rangesIn(rooms.functions, rooms.lengths);
  const starts = new BigUint64Array(rooms.addresses.buffer);
  const lines = new DataView(rooms.lines.buffer);
  return (instruction) => {
    if (!functions.some(({ from, to }) => instruction >= from && instruction < to)) return undefined;
    const index = lastUpTo(starts, instruction);
    if (index < 0) return undefined;
    const at = index * field.lines.bytes;
    return { file: text(lines.getUint32(at + 4, true)), line: lines.getUint32(at + 12, true) >>> 10 };
  };
}

type Rooms = Readonly<Partial<Record<keyof typeof field, Uint8Array>>>;

function infoOf(program: Fd, rooms: Rooms): DataView {
  const bytes = new Uint8Array(256);
  const view = new DataView(bytes.buffer);
  view.setUint32(lineSize, field.lines.bytes, true);
  view.setUint32(addressSize, field.addresses.bytes, true);
  for (const [name, room] of Object.entries(rooms)) {
    const { count, at, bytes: each } = field[name as keyof typeof field];
    view.setUint32(count, room.length / each, true);
    view.setBigUint64(at, address(room), true);
  }
  checked('bpf_obj_get_info_by_fd', info(program, bytes, new Uint32Array([bytes.length])));
  return view;
}

function roomFor(
  counted: DataView,
  { count, bytes }: (typeof field)[keyof typeof field],
): Uint8Array<ArrayBuffer> {
  return new Uint8Array(new ArrayBuffer(counted.getUint32(count, true) * bytes));
}

type Range = { readonly from: bigint; readonly to: bigint };

function rangesIn(functions: Uint8Array<ArrayBuffer>, lengths: Uint8Array<ArrayBuffer>): readonly Range[] {
  const sizes = new Uint32Array(lengths.buffer);
  return [...new BigUint64Array(functions.buffer)].map((from, index) => ({
    from,
    to: from + BigInt(sizes[index] ?? 0),
  }));
}

/** The index of the greatest of `sorted` that is not above `value`, by the order in which functions lie; -1: none. */
function lastUpTo(starts: BigUint64Array, value: bigint): number {
  let best = -1;
  for (const [index, start] of starts.entries())
    if (start <= value && (best < 0 || start >= (starts[best] ?? 0n))) best = index;
  return best;
}

/** The strings of a BTF object, by offset. */
function textOf(id: number): (offset: number) => string {
  const bytes = btfBytes(id);
  const header = new DataView(bytes.buffer);
  const [headerBytes, strings] = [header.getUint32(4, true), header.getUint32(16, true)];
  return (offset) => {
    const from = headerBytes + strings + offset;
    return Buffer.from(bytes.subarray(from, bytes.indexOf(0, from))).toString();
  };
}
