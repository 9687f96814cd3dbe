/** Runs programs for the scripts of this folder: never a shell, never a question on standard input. */

import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

// A login shell's PATH may lack these, and a plain user's usually does.
const systemDirectories = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/local/bin', '/usr/bin', '/bin'];

/**
 * The path of a program, from PATH and then the system's own directories.
 * @param {string} name
 * @returns {string | undefined}
 */
export function findProgram(name) {
  const directories = [...(process.env['PATH'] ?? '').split(delimiter), ...systemDirectories];
  return directories.map((directory) => join(directory || '.', name)).find(isExecutable);
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/**
 * The path of a program that an npm package of this project brings.
 * @param {string} name
 */
export function npmProgram(name) {
  return join(root, 'node_modules', '.bin', name);
}

/**
 * @typedef {object} Finished
 * @property {number} status exit status; 128 + signal number is not told apart, a killed program is 128
 * @property {string} output what it printed on both streams, in order of arrival
 * @property {string} stdout what it printed on standard output
 */

/**
 * Runs a program, in the checkout unless told otherwise, and collects what it prints; with `show`, prints it as well.
 * Rejects only when the program cannot be started.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, show?: boolean }} [options]
 * @returns {Promise<Finished>}
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...options.env };
    const { cwd = root } = options;
    const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const both = [];
    /** @type {Buffer[]} */
    const out = [];
    child.stdout.on('data', (chunk) => {
      both.push(chunk);
      out.push(chunk);
      if (options.show) process.stdout.write(chunk);
    });
    child.stderr.on('data', (chunk) => {
      both.push(chunk);
      if (options.show) process.stderr.write(chunk);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      const [output, stdout] = [both, out].map((chunks) => Buffer.concat(chunks).toString());
      resolve({ status: code ?? 128, output: output ?? '', stdout: stdout ?? '' });
    });
  });
}
