/** Classic BPF on sockets (linux/filter.h): which packets a socket takes at all. */

import type { Family } from '../ipvs/address.ts';
import { address, called, libc } from './ffi.ts';

const setOption = libc<[number, number, number, Uint8Array, number], number>(
  'int setsockopt(int fd, int level, int name, const void *value, int length)',
);
const SOL_SOCKET = 1;
const SO_ATTACH_FILTER = 26;

/** One instruction: opcode, jumps if true and if false, operand. */
type Instruction = readonly [code: number, ifTrue: number, ifFalse: number, operand: number];
export type FilterProgram = readonly Instruction[];

const loadByte = 0x30; // BPF_LD | BPF_B | BPF_ABS
const loadHalf = 0x28; // BPF_LD | BPF_H | BPF_ABS
const loadHalfIndexed = 0x48; // BPF_LD | BPF_H | BPF_IND
const loadHeaderLength = 0xb1; // BPF_LDX | BPF_B | BPF_MSH
const loadNoLength = 0x01; // BPF_LDX | BPF_IMM
const loadByteIndexed = 0x50; // BPF_LD | BPF_B | BPF_IND
const and = 0x54; // BPF_ALU | BPF_AND | BPF_K
const jump = 0x05; // BPF_JMP | BPF_JA
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const jumpIfAnySet = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const answer = 0x06; // BPF_RET | BPF_K
const all = 0x40000;

const ethernet = 14;

/** Nothing at all. */
export const takeNothing: FilterProgram = [[answer, 0, 0, 0]];

/** Of Ethernet frames with IPv4: ICMP, and what comes from or goes to a port. */
export function icmpOrPort4(port: number): FilterProgram {
  return [
    [loadByte, 0, 0, ethernet + 9],
    [jumpIfEqual, 5, 0, 1],
    [loadHeaderLength, 0, 0, ethernet],
    [loadHalfIndexed, 0, 0, ethernet],
    [jumpIfEqual, 2, 0, port],
    [loadHalfIndexed, 0, 0, ethernet + 2],
    [jumpIfEqual, 0, 1, port],
    [answer, 0, 0, all],
    [answer, 0, 0, 0],
  ];
}

/** The same with IPv6, behind its fixed header. */
export function icmpOrPort6(port: number): FilterProgram {
  const transport = ethernet + 40;
  return [
    [loadByte, 0, 0, ethernet + 6],
    [jumpIfEqual, 4, 0, 58],
    [loadHalf, 0, 0, transport],
    [jumpIfEqual, 2, 0, port],
    [loadHalf, 0, 0, transport + 2],
    [jumpIfEqual, 0, 1, port],
    [answer, 0, 0, all],
    [answer, 0, 0, 0],
  ];
}

/** Of Ethernet frames with either family: TCP segments that open a connection. */
export function opensTcp(): FilterProgram {
  return [
    [loadHalf, 0, 0, 12],
    [jumpIfEqual, 0, 7, 0x0800],
    [loadByte, 0, 0, ethernet + 9],
    [jumpIfEqual, 0, 12, 6],
    [loadHalf, 0, 0, ethernet + 6],
    [jumpIfAnySet, 10, 0, 0x1fff], // a later fragment
    [loadHeaderLength, 0, 0, ethernet],
    [loadByteIndexed, 0, 0, ethernet + 13],
    [jump, 0, 0, 4],
    [jumpIfEqual, 0, 6, 0x86dd],
    [loadByte, 0, 0, ethernet + 6],
    [jumpIfEqual, 0, 4, 6],
    [loadByte, 0, 0, ethernet + 40 + 13],
    [and, 0, 0, 0x12], // SYN and ACK
    [jumpIfEqual, 0, 1, 0x02],
    [answer, 0, 0, all],
    [answer, 0, 0, 0],
  ];
}

/**
 * Of what a raw socket of TCP hears, which begins with the IP header in IPv4 and behind it in IPv6: segments that acknowledge,
 * and neither open nor reset, to a port or to any.
 */
export function tcpAnswers(family: Family, port?: number): FilterProgram {
  return [
    family === 4 ? [loadHeaderLength, 0, 0, 0] : [loadNoLength, 0, 0, 0],
    [loadHalfIndexed, 0, 0, 2],
    ...(port === undefined ? [] : [[jumpIfEqual, 0, 4, port] as const]),
    [loadByteIndexed, 0, 0, 13],
    [and, 0, 0, 0x16], // SYN, RST and ACK
    [jumpIfEqual, 0, 1, 0x10],
    [answer, 0, 0, all],
    [answer, 0, 0, 0],
  ];
}

/** Throws SYSTEM_CALL. */
export function attachFilter(fd: number, program: FilterProgram): void {
  const instructions = new Uint8Array(8 * program.length);
  const view = new DataView(instructions.buffer);
  for (const [at, [code, ifTrue, ifFalse, operand]] of program.entries()) {
    view.setUint16(8 * at, code, true);
    view.setUint8(8 * at + 2, ifTrue);
    view.setUint8(8 * at + 3, ifFalse);
    view.setUint32(8 * at + 4, operand, true);
  }
  // struct sock_fprog: a length, and a pointer behind its padding.
  const fprog = new Uint8Array(16);
  const head = new DataView(fprog.buffer);
  head.setUint16(0, program.length, true);
  head.setBigUint64(8, address(instructions), true);
  const result = setOption(fd, SOL_SOCKET, SO_ATTACH_FILTER, fprog, fprog.length);
  called('setsockopt(SO_ATTACH_FILTER)', result);
}
