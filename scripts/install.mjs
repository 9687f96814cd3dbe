#!/usr/bin/env node
/**
 * Installs Fairlead from this checkout: `npm run install:system -- [--prefix DIRECTORY] [--root DIRECTORY]`.
 *
 * Everything goes to PREFIX/lib/fairlead, and names for it to where the system looks: commands, manual pages, completions,
 * units, documentation. `--root` puts a directory in front of all of it, as for a package or an image. What stands there of an earlier
 * version is replaced, each file in one step, so that a daemon may run meanwhile: it goes on with the version it has begun
 * with until it is restarted (docs/operations.md). `--uninstall` takes away what an installation has put there, and
 * leaves configuration alone.
 */

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

import { buildIfStale, installedBundles } from './build.mjs';
import { root as checkout } from './lib/run.mjs';

/** The commands of bin/. */
const commands = ['fairlead', 'fairleadd', 'ipvsadm', 'ipvsadm-restore', 'ipvsadm-save'];

/** What the programs need at run time, from the checkout. */
const house = [
  ...['LICENSE', 'package.json', 'bin'],
  // What the programs say names pages of docs/, and those lead to the others.
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'docs', 'man', 'packaging'],
  ...installedBundles,
  ...['bpf/director.bpf.o', 'bpf/checks.bpf.o', 'bpf/realserver.bpf.o', 'bpf/traffic.bpf.o'],
  ...['src/lab/programs', 'src/realserver/join/engine.sh', 'src/realserver/join/questions.sh'],
  ...['index.js', 'index.cjs', 'indirect.js', 'indirect.cjs', 'src', 'package.json', 'LICENSE.txt'].map(
    (part) => `node_modules/koffi/${part}`,
  ),
  'node_modules/@koromix',
];

/** Where systemd's own PATH finds Node. */
const usualPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/**
 * What is installed besides the house, by its place: the text of a file.
 * @param {string} prefix
 * @param {string} nodeDirectory
 * @returns {Readonly<Record<string, string>>}
 */
export function outerFiles(prefix, nodeDirectory) {
  const share = join(prefix, 'share');
  const units = prefix === '/usr' ? '/usr/lib/systemd/system' : '/etc/systemd/system';
  const read = (/** @type {string} */ path) => readFileSync(join(checkout, path), 'utf8');
  /** @type {Record<string, string>} */
  const files = {
    [join(share, 'bash-completion/completions/fairlead')]: read('packaging/completions/fairlead.bash'),
    [join(share, 'bash-completion/completions/ipvsadm')]: read('packaging/completions/ipvsadm.bash'),
    [join(share, 'zsh/site-functions/_fairlead')]: read('packaging/completions/_fairlead'),
    [join(share, 'zsh/site-functions/_ipvsadm')]: read('packaging/completions/_ipvsadm'),
    [join(share, 'fairlead/fairlead.schema.json')]: read('packaging/fairlead.schema.json'),
  };
  for (const page of readdirSync(join(checkout, 'man')))
    files[join(share, `man/man${page.at(-1)}`, page)] = read(`man/${page}`);
  for (const unit of readdirSync(join(checkout, 'packaging/systemd')))
    files[join(units, unit)] = unitText(read(`packaging/systemd/${unit}`), prefix, nodeDirectory);
  return files;
}

/**
 * Names for what is in the house, by where they are.
 * @param {string} prefix
 * @returns {Readonly<Record<string, string>>}
 */
function linksOf(prefix) {
  const library = join(prefix, 'lib/fairlead');
  return Object.fromEntries([
    ...commands.map((command) => [join(prefix, 'sbin', command), join(library, 'bin', command)]),
    [join(prefix, 'share/doc/fairlead'), join(library, 'docs')],
  ]);
}

/**
 * A unit as it is installed: with the place of the commands, and a PATH where Node is elsewhere.
 * @param {string} text
 * @param {string} prefix
 * @param {string} nodeDirectory
 */
function unitText(text, prefix, nodeDirectory) {
  const isUsual = usualPath.includes(nodeDirectory);
  const path = isUsual ? '' : `Environment=PATH=${[nodeDirectory, ...usualPath].join(':')}\n`;
  return text
    .replaceAll('/usr/sbin/fairlead', join(prefix, 'sbin/fairlead'))
    .replace(/^(?=Environment=FAIRLEAD_CONFIG)/m, path);
}

/** @typedef {{ readonly prefix: string, readonly destination: string }} Place */

/** @param {Place} place */
function install({ prefix, destination }) {
  const library = join(prefix, 'lib/fairlead');
  replaceDirectory(join(destination, library), (aside) => {
    for (const part of house) cpSync(join(checkout, part), join(aside, part), { recursive: true });
  });
  for (const [path, target] of Object.entries(linksOf(prefix))) {
    const link = join(destination, path);
    mkdirSync(dirname(link), { recursive: true });
    replaceFile(link, (aside) => symlinkSync(relative(dirname(path), target), aside));
  }
  for (const [path, text] of Object.entries(outerFiles(prefix, dirname(process.execPath)))) {
    mkdirSync(join(destination, dirname(path)), { recursive: true });
    replaceFile(join(destination, path), (aside) => {
      writeFileSync(aside, text);
      chmodSync(aside, 0o644);
    });
  }
}

/** @param {Place} place */
function uninstall({ prefix, destination }) {
  const library = join(prefix, 'lib/fairlead');
  for (const path of Object.keys(linksOf(prefix)))
    if (leadsInto(library, path, destination)) rmSync(join(destination, path));
  for (const path of Object.keys(outerFiles(prefix, ''))) rmSync(join(destination, path), { force: true });
  rmSync(join(destination, prefix, 'share/fairlead'), { recursive: true, force: true });
  rmSync(join(destination, library), { recursive: true, force: true });
}

/**
 * Whether a link leads into the installation: another ipvsadm is not ours to remove.
 * @param {string} library
 * @param {string} path
 * @param {string} destination
 */
function leadsInto(library, path, destination) {
  try {
    return join(dirname(path), readlinkSync(join(destination, path))).startsWith(library);
  } catch {
    return false;
  }
}

/**
 * @param {string} path
 * @param {(aside: string) => void} make
 */
function replaceFile(path, make) {
  const aside = `${path}.${process.pid}`;
  make(aside);
  renameSync(aside, path);
}

/**
 * Both the new and the old one are whole; between two renames there is neither, for some microseconds.
 * @param {string} path
 * @param {(aside: string) => void} fill
 */
function replaceDirectory(path, fill) {
  const aside = `${path}.${process.pid}`;
  fill(aside);
  const before = `${path}.before`;
  rmSync(before, { recursive: true, force: true });
  if (existsSync(path)) renameSync(path, before);
  renameSync(aside, path);
  rmSync(before, { recursive: true, force: true });
}

/** @param {readonly string[]} argv */
async function main(argv) {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      prefix: { type: 'string', default: '/usr/local' },
      root: { type: 'string', default: '/' },
      uninstall: { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  const { prefix, root, help } = values;
  if (help) {
    process.stdout.write(
      'npm run install:system -- [--prefix /usr/local] [--root /] [--uninstall]\nWhat goes where: docs/operations.md\n',
    );
    return;
  }
  if (!prefix.startsWith('/')) throw new Error(`--prefix ${prefix}: it has to begin with /`);
  if (values.uninstall) uninstall({ prefix, destination: root });
  else {
    await buildIfStale(() => process.stderr.write('bundles in dist/ (esbuild)\n'));
    install({ prefix, destination: root });
  }
  const reload = root === '/' && existsSync('/run/systemd/system') ? 'next: systemctl daemon-reload\n' : '';
  process.stdout.write(
    `${values.uninstall ? 'removed from' : 'installed below'} ${join(root, prefix)}\n${reload}`,
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`install: ${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
