#!/usr/bin/env node
/**
 * Makes a fresh clone ready: `node scripts/setup.mjs [profile…]`.
 *
 * npm packages from the lockfile always; what the named profiles (lib/needs.mjs) need from Debian; and for
 * `lab`, the bundles in dist/. Does only what is not done yet, says each step in one line on standard error,
 * and is silent when there is nothing to do.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { buildIfStale } from './build.mjs';
import { cannotInstall, installDebianPackages, missingSentence, packagesOf } from './lib/debian-packages.mjs';
import { profiles } from './lib/needs.mjs';
import { installNpmPackages, npmPackagesPresent } from './lib/npm-packages.mjs';
import { root } from './lib/run.mjs';

/** @param {string} line */
function say(line) {
  process.stderr.write(`setup: ${line}\n`);
}

/** @param {string} wanted e.g. `>=20.19` */
function requireNode(wanted) {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.replace('>=', '').split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(
    `Node.js ${wantedMajor}.${wantedMinor} or newer is needed; this is ${process.versions.node}`,
  );
}

/** @param {readonly string[]} names */
function needsOf(names) {
  const unknown = names.find((name) => !profiles[name]);
  if (unknown) throw new Error(`no profile ${unknown}: there are ${Object.keys(profiles).join(', ')}`);
  return names.flatMap((name) => profiles[name] ?? []);
}

async function npmPackages() {
  if (npmPackagesPresent()) return;
  say('npm packages of package-lock.json (npm ci)');
  await installNpmPackages();
}

/** @param {readonly import('./lib/needs.mjs').Need[]} missing */
async function debianPackages(missing) {
  if (missing.length === 0) return;
  say(`Debian packages ${packagesOf(missing).join(' ')} (apt-get)`);
  await installDebianPackages(missing);
}

/** @param {readonly string[]} names */
async function setUp(names) {
  requireNode(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).engines.node);
  const missing = needsOf(names).filter((need) => !need.present());
  const because = cannotInstall();
  if (missing.length > 0 && because) throw new Error(missingSentence(missing, because));
  await Promise.all([npmPackages(), debianPackages(missing)]);
  if (names.includes('lab')) await buildIfStale(() => say('bundles in dist/ (esbuild)'));
}

try {
  await setUp(process.argv.slice(2));
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
