/** Installs Debian packages, or says in one line which ones a person has to install. */

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
 * Installs what is missing, without recommended packages and without a question.
 * Rejects with apt's own words.
 * @param {readonly Need[]} missing
 */
export async function installDebianPackages(missing) {
  // A source that does not answer need not be the one that has these packages: the second step decides.
  await aptGet(['update', '-qq']);
  const packages = packagesOf(missing);
  const { status, output } = await aptGet([
    'install',
    '-qq',
    '--no-install-recommends',
    '--yes',
    ...packages,
  ]);
  if (status !== 0)
    throw new Error(missingSentence(missing, `apt-get cannot install them:\n${output.trim()}`));
  const still = missing.filter((need) => !need.present());
  if (still.length > 0)
    throw new Error(missingSentence(still, 'their packages are installed, and lack them'));
}

/** @param {readonly string[]} args */
function aptGet(args) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  return run(findProgram('apt-get') ?? 'apt-get', ['-o', 'DPkg::Lock::Timeout=120', ...args], { env });
}
