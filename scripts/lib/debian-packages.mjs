/** Installs Debian packages, or says in one line which ones a person has to install. */

import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { findProgram, run } from './run.mjs';

/** @typedef {import('./needs.mjs').Need} Need */

/**
 * The sentence for someone whose machine lacks programs and who cannot install them from here.
 * @param {readonly Need[]} missing at least one
 * @param {string} because why they are not installed now
 */
export function missingSentence(missing, because) {
  const what = missing.map(({ name }) => name).join(', ');
  return `missing: ${what} (Debian packages: ${packagesOf(missing).join(' ')}); ${because}`;
}

/**
 * The packages that bring what is missing, each once.
 * @param {readonly Need[]} missing
 */
export function packagesOf(missing) {
  return [...new Set(missing.map(({ debian }) => debian))];
}

/** Why packages cannot be installed from here; `undefined` if they can. */
export function cannotInstall() {
  if (!findProgram('apt-get')) return 'there is no apt-get here to install them with';
  if (process.getuid?.() !== 0) return 'only root can install them';
  return undefined;
}

/**
 * Installs what is missing, without recommended packages and without a question; what must not be installed is
 * unpacked. Rejects with apt's own words.
 * @param {readonly Need[]} missing
 */
export async function installDebianPackages(missing) {
  // A source that does not answer need not be the one that has these packages: the next steps decide.
  await aptGet(['update', '-qq']);
  const packages = packagesOf(missing.filter(({ unpackedTo }) => unpackedTo === undefined));
  const options = ['-qq', '--no-install-recommends', '--yes'];
  const { status, output } =
    packages.length === 0 ? nothingToDo : await aptGet(['install', ...options, ...packages]);
  if (status !== 0)
    throw new Error(missingSentence(missing, `apt-get cannot install them:\n${output.trim()}`));
  for (const { debian, unpackedTo } of missing) if (unpackedTo) await unpack(debian, unpackedTo);
  const still = missing.filter((need) => !need.present());
  if (still.length > 0)
    throw new Error(missingSentence(still, 'their packages are installed, and lack them'));
}

const nothingToDo = { status: 0, output: '' };

/**
 * Unpacks a package, its checksums with it (DEBIAN/md5sums), and runs none of its scripts.
 * @param {string} debian
 * @param {string} directory
 */
async function unpack(debian, directory) {
  const download = await mkdtemp(join(tmpdir(), 'fairlead-'));
  try {
    const fetched = await aptGet(['download', '-qq', debian], download);
    const [archive] = await readdir(download);
    if (!archive) throw new Error(`apt-get cannot download ${debian}:\n${fetched.output.trim()}`);
    await rm(directory, { recursive: true, force: true });
    await mkdir(directory, { recursive: true });
    const { status, output } = await run('dpkg-deb', ['-R', join(download, archive), directory]);
    if (status !== 0) throw new Error(`${debian}: ${output.trim()}`);
  } finally {
    await rm(download, { recursive: true });
  }
}

/**
 * @param {readonly string[]} args
 * @param {string} [cwd]
 */
function aptGet(args, cwd) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, ...(cwd ? { cwd } : {}) };
  return run(findProgram('apt-get') ?? 'apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], options);
}
