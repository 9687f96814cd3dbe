/** Whether node_modules is what package-lock.json says, told from npm's own record of what it installed. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { findProgram, root, run } from './run.mjs';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean }} LockedPackage */
/** @typedef {Readonly<Record<string, LockedPackage>>} LockedPackages */

/**
 * Whether every package of the lockfile is installed as it says. An optional one may be absent: it is
 * another platform's binary.
 * @param {LockedPackages} wanted
 * @param {LockedPackages} installed
 */
export function matchesLockfile(wanted, installed) {
  return Object.entries(wanted).every(([path, locked]) => {
    if (path === '') return true; // the project itself
    const there = installed[path];
    if (!there) return locked.optional === true;
    return there.version === locked.version && there.integrity === locked.integrity;
  });
}

/** @param {string} path @returns {LockedPackages} */
function readLockfile(path) {
  return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
}

/** Whether node_modules can be used as it is. npm writes its record last, so half an installation has none. */
export function npmPackagesPresent() {
  try {
    return matchesLockfile(
      readLockfile('package-lock.json'),
      readLockfile('node_modules/.package-lock.json'),
    );
  } catch {
    return false;
  }
}

/** Installs exactly what the lockfile names, running no package's scripts. Rejects with one sentence. */
export async function installNpmPackages() {
  const npm = findProgram('npm');
  if (!npm) throw new Error('npm is missing: it comes with Node.js');
  const args = ['ci', '--ignore-scripts', '--no-fund', '--no-audit', '--loglevel=error'];
  const { status, output } = await run(npm, args);
  if (status !== 0) throw new Error(`npm ci failed:\n${output.trim()}`);
}
