/**
 * Runs a program on a kernel that refuses bpf(2), as one without CONFIG_BPF_SYSCALL (ENOSYS) or a locked-down
 * one (EPERM) does: a seccomp filter, which all that is started from here inherits (seccomp(2)).
 *
 *   without-bpf.mjs ERRNO PROGRAM [ARGUMENT…]
 */

import { spawnSync } from 'node:child_process';
import koffi from 'koffi';

const [errno, program, ...words] = process.argv.slice(2);

const PR_SET_SECCOMP = 22;
const PR_SET_NO_NEW_PRIVS = 38;
const SECCOMP_MODE_FILTER = 2n;
const SECCOMP_RET_ERRNO = 0x00050000;
const SECCOMP_RET_ALLOW = 0x7fff0000;
const loadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
const jumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const answer = 0x06; // BPF_RET | BPF_K

/** @type {Readonly<Record<string, number>>} __NR_bpf */
const numbers = { x64: 321, arm64: 280, riscv64: 280 };

/** @type {readonly [code: number, jumpTrue: number, jumpFalse: number, value: number][]} struct sock_filter */
const filter = [
  [loadWord, 0, 0, 0], // seccomp_data.nr
  [jumpIfEqual, 0, 1, numbers[process.arch] ?? -1],
  [answer, 0, 0, SECCOMP_RET_ERRNO | Number(errno)],
  [answer, 0, 0, SECCOMP_RET_ALLOW],
];
const instructions = Buffer.alloc(filter.length * 8);
for (const [index, [code, jumpTrue, jumpFalse, value]] of filter.entries()) {
  instructions.writeUInt16LE(code, index * 8);
  instructions.writeUInt8(jumpTrue, index * 8 + 2);
  instructions.writeUInt8(jumpFalse, index * 8 + 3);
  instructions.writeUInt32LE(value, index * 8 + 4);
}
const sockFprog = Buffer.alloc(16);
sockFprog.writeUInt16LE(filter.length, 0);
sockFprog.writeBigUInt64LE(BigInt(koffi.address(instructions)), 8);

const prctl = koffi
  .load('libc.so.6')
  .func('int prctl(int option, uint64_t a, uint64_t b, uint64_t c, uint64_t d)');
if (
  prctl(PR_SET_NO_NEW_PRIVS, 1n, 0n, 0n, 0n) !== 0 ||
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, BigInt(koffi.address(sockFprog)), 0n, 0n) !== 0
) {
  throw new Error(`prctl: errno ${koffi.errno()}`);
}
const { status } = spawnSync(program ?? '', words, { stdio: 'inherit' });
process.exitCode = status ?? 128;
