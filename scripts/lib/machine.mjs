/** A whole machine, emulated: another kernel on this machine's files (test/kernel/init.sh), until it switches itself off. */

import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import { archiveOf } from './archive.mjs';
import { findProgram, root, run } from './run.mjs';

/** What the first root needs to find this machine's files. */
const firstModules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay'];

/**
 * @typedef {object} Boot
 * @property {string} kernel where the kernel's package is unpacked
 * @property {string} out the one directory that is written through
 * @property {number} minutes when to give up
 */

/**
 * What it says goes to standard output. Rejects if there is no such kernel.
 * @param {Boot} boot
 * @returns {Promise<void>}
 */
export async function bootMachine({ kernel, out, minutes }) {
  const image = readdirSync(join(kernel, 'boot')).find((name) => name.startsWith('vmlinuz-'));
  if (!image) throw new Error(`${kernel}/boot has no kernel`);
  const first = join(out, 'first-root');
  writeFileSync(first, await firstRoot(kernel, image.slice('vmlinuz-'.length)));
  const places = `KERNEL=${kernel} CHECKOUT=${root} NODE=${process.execPath} OUT=${out}`;
  const options = [
    ...'-accel tcg,thread=multi -cpu max -smp 2 -m 3072 -nodefaults -no-user-config'.split(' '),
    ...'-display none -serial stdio -no-reboot'.split(' '),
    ...['-kernel', join(kernel, 'boot', image), '-initrd', first],
    ...['-append', `console=ttyS0 quiet panic=-1 ${places}`],
    ...['-virtfs', `local,path=/,mount_tag=files,readonly=on,security_model=none,multidevs=remap`],
    ...['-virtfs', `local,path=${out},mount_tag=out,security_model=none,multidevs=remap`],
  ];
  await new Promise((done, fail) => {
    const child = spawn('qemu-system-x86_64', options, { stdio: ['ignore', 'inherit', 'inherit'] });
    const timer = setTimeout(() => child.kill('SIGKILL'), minutes * 60_000);
    child.once('error', fail);
    child.once('exit', () => {
      clearTimeout(timer);
      done(undefined);
    });
  });
}

/**
 * @param {string} kernel
 * @param {string} version
 */
async function firstRoot(kernel, version) {
  const busybox = findProgram('busybox') ?? '/bin/busybox';
  const libraries = [...(await said('ldd', [busybox])).matchAll(/(\/\S+) \(0x/g)].map(
    ([, path = '']) => path,
  );
  const modules = await modulesOf(kernel, version);
  const files = new Map([
    ['init', join(root, 'test/kernel/init.sh')],
    ['bin/busybox', busybox],
    ...libraries.map((path) => /** @type {const} */ ([path.slice(1), path])),
    ...modules.map((path, index) => /** @type {const} */ ([`modules/${10 + index}-${basename(path)}`, path])),
  ]);
  const directories = new Set([...files.keys()].flatMap(above));
  return archiveOf([
    ...[...directories].map((path) => ({ path })),
    ...[...files].map(([path, from]) => ({ path, content: readFileSync(from) })),
  ]);
}

/**
 * The directories above a path, outermost first.
 * @param {string} path
 * @returns {readonly string[]}
 */
function above(path) {
  const parent = dirname(path);
  return parent === '.' ? [] : [...above(parent), parent];
}

/**
 * Their files in the order in which they must be loaded.
 * @param {string} kernel
 * @param {string} version
 */
async function modulesOf(kernel, version) {
  if (!existsSync(join(kernel, 'lib/modules', version, 'modules.dep')))
    await said('depmod', ['-b', kernel, version]);
  const paths = new Set();
  for (const name of firstModules) {
    const steps = await said('modprobe', ['-d', kernel, '-S', version, '--show-depends', name]);
    for (const [, path = ''] of steps.matchAll(/^insmod (\S+)/gm)) paths.add(path);
  }
  return [...paths];
}

/**
 * What a program prints. Rejects when it fails.
 * @param {string} program
 * @param {readonly string[]} words
 */
async function said(program, words) {
  const { status, output, stdout } = await run(findProgram(program) ?? program, words);
  if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${output.trim()}`);
  return stdout;
}
