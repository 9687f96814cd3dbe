/**
 * What each profile of the set-up needs beyond npm packages, and which Debian package brings it.
 *
 * A need is looked for as a program or a file, not as an installed package: who has the program from
 * elsewhere needs no package. None of these packages starts a service; keep it so.
 */

import { existsSync } from 'node:fs';

import { findProgram } from './run.mjs';

/** @type {Readonly<Record<string, string>>} */
const multiarch = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu', riscv64: 'riscv64-linux-gnu' };

/** Debian's name for this machine's architecture, as in /usr/include/x86_64-linux-gnu. */
export const triplet = multiarch[process.arch] ?? `${process.arch}-linux-gnu`;

const libraryDirectories = [
  `/usr/lib/${triplet}`,
  `/lib/${triplet}`,
  '/usr/local/lib',
  '/usr/lib64',
  '/usr/lib',
];

/**
 * @typedef {object} Need
 * @property {string} name what a person looks for
 * @property {string} debian the Debian package that brings it
 * @property {() => boolean} present
 */

/**
 * @param {string} name
 * @param {string} debian
 * @returns {Need}
 */
const program = (name, debian) => ({ name, debian, present: () => findProgram(name) !== undefined });

/**
 * @param {string} name
 * @param {string} debian
 * @returns {Need}
 */
const library = (name, debian) => ({
  name,
  debian,
  present: () => libraryDirectories.some((directory) => existsSync(`${directory}/${name}`)),
});

/**
 * @param {string} name
 * @param {string} debian
 * @returns {Need}
 */
const header = (name, debian) => ({ name, debian, present: () => existsSync(`/usr/include/${name}`) });

/** @type {Readonly<Record<string, readonly Need[]>>} */
export const profiles = {
  /** To run: the director, the lab and the tests. */
  lab: [
    program('ip', 'iproute2'),
    library('libbpf.so.1', 'libbpf1'),
    program('curl', 'curl'),
    program('arptables', 'iptables'),
    program('busybox', 'busybox'),
    program('unshare', 'util-linux'),
    program('setpriv', 'util-linux'),
    program('nsenter', 'util-linux'),
  ],
  /** To rebuild bpf/director.bpf.o: Debian 12's own clang, so that it comes out byte for byte. */
  bpf: [
    program('clang-14', 'clang-14'),
    program('llvm-strip-14', 'llvm-14'),
    program('clang-format', 'clang-format'),
    program('bpftool', 'bpftool'),
    header('bpf/bpf_helpers.h', 'libbpf-dev'),
    header('linux/bpf.h', 'linux-libc-dev'),
  ],
  /** npm packages are enough; clang-format is used where there is one. */
  check: [],
};
