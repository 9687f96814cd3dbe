/**
 * What package-lock.json must be for `npm ci` to take it on every machine. Pure.
 *
 * npm records a package's binary for each platform, and leaves out those that its registry did not have
 * when the lockfile was written; then `npm ci` refuses the whole file. Such an entry can be told from the
 * package's name, and no machine it does not fit ever fetches it.
 */

/**
 * @typedef {object} LockEntry
 * @property {string} [version]
 * @property {string} [resolved]
 * @property {boolean} [dev]
 * @property {boolean} [optional]
 * @property {readonly string[]} [os]
 * @property {readonly string[]} [cpu]
 * @property {readonly string[]} [libc]
 * @property {Readonly<Record<string, string>>} [optionalDependencies]
 */

/** @typedef {Readonly<Record<string, LockEntry>>} LockPackages */

/**
 * Entries of other platforms' binaries that some package names and the lockfile lacks.
 * @param {LockPackages} packages
 * @returns {Record<string, LockEntry>}
 */
export function missingPlatforms(packages) {
  const named = Object.values(packages).flatMap(({ dev, optionalDependencies = {} }) =>
    Object.entries(optionalDependencies).map(([name, version]) => ({ name, version, dev })),
  );
  const missing = named.filter(({ name }) => !packages[`node_modules/${name}`]);
  return Object.fromEntries(
    missing.map(({ name, version, dev }) => [
      `node_modules/${name}`,
      { version, ...(dev ? { dev } : {}), optional: true, ...platformOf(name) },
    ]),
  );
}

/**
 * @param {string} name e.g. `@biomejs/cli-linux-x64-musl`
 * @returns {Pick<LockEntry, 'os' | 'cpu' | 'libc'>}
 */
function platformOf(name) {
  const [, os, cpu, abi] =
    /\b(aix|android|darwin|freebsd|linux|netbsd|openbsd|openharmony|sunos|win32)-([a-z0-9]+)(?:-([a-z]+))?$/.exec(
      name,
    ) ?? [];
  if (!os || !cpu) return {};
  const libc = os !== 'linux' || !abi ? undefined : abi.startsWith('musl') ? 'musl' : 'glibc';
  return { os: [os], cpu: [cpu], ...(libc ? { libc: [libc] } : {}) };
}

/**
 * What is wrong with the lockfile, one sentence each.
 * @param {LockPackages} packages
 * @returns {string[]}
 */
export function lockfileComplaints(packages) {
  const hosts = Object.entries(packages).filter(([, { resolved }]) => resolved);
  return [
    // Where packages come from is each machine's own affair: npm then asks the registry it is set to.
    ...hosts.map(([path]) => `package-lock.json: ${path} names a host`),
    ...Object.keys(missingPlatforms(packages)).map(
      (path) => `package-lock.json: ${path} is missing, and npm ci would refuse; npm run lock adds it`,
    ),
  ];
}
