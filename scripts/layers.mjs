/**
 * The floors of the house (docs/design: rooms) and what may import what. Pure: sources in, violations out.
 *
 * A room is a folder of src/. It imports from itself and from the floors below, never sideways and never
 * upwards. Types count like values: a type is knowledge, too.
 */

import { posix } from 'node:path';

/** Lowest first. */
const floors = [
  ['ipvs'], // the domain: pure, and imported by all
  ['linux'],
  ['health'],
  ['dataplane', 'api', 'realserver', 'doctor', 'lab', 'ha', 'config', 'metrics'],
  ['director', 'ipvsadm', 'cli', 'compare'],
];

/** Sideways steps that are meant, each with its reason. @type {Readonly<Record<string, string>>} */
const sideways = {
  'cli -> ipvsadm': "plan writes ipvsadm's lines, and import reads them by ipvsadm's own grammar",
};

/** npm packages that one room alone may name. @type {Readonly<Record<string, string>>} */
const packageRooms = {
  koffi: 'linux',
  fastify: 'api',
  commander: 'cli',
  yaml: 'config',
  'dns-packet': 'health',
};

/**
 * What must not be loaded, however far down the road: these programs start often and have to start fast. `lazily`:
 * an `import()` or `require()` may, which only the command runs that needs it.
 * @type {readonly { entry: string, mustNotReach: RegExp, lazily?: true, because: string }[]}
 */
const lightPrograms = [
  {
    entry: 'src/ipvsadm/main.ts',
    mustNotReach: /^(?!node:|src\/)|^src\/(director|dataplane)\//,
    because: 'ipvsadm loads no npm package and no server code',
  },
  {
    entry: 'src/health/checker/main.ts',
    mustNotReach: /^(?!node:|src\/|koffi$|dns-packet$)/,
    because: 'the checker loads no server code',
  },
  {
    entry: 'src/director/file/thread.ts',
    mustNotReach: /^(?!node:|src\/(config|health|ipvs|director\/file)\/|typebox$|yaml$)/,
    because: 'the thread that reads a file loads nothing that does anything',
  },
  {
    entry: 'src/cli/main.ts',
    mustNotReach: /^(fastify|@fastify\/.*)$|^src\/director\//,
    because: 'the command line loads no server code',
  },
  {
    entry: 'src/cli/main.ts',
    mustNotReach: /^(typebox|yaml)$|^src\/(config|ipvsadm)\//,
    lazily: true,
    because: 'only the commands about a configuration load what reads one',
  },
  {
    entry: 'src/cli/main.ts',
    mustNotReach: /^koffi$/,
    lazily: true,
    because: 'only the commands that call C load the FFI library',
  },
];

/** @typedef {{ readonly to: string, readonly typeOnly: boolean, readonly lazy?: true }} Import */
/** @typedef {Readonly<Record<string, string>>} Sources path from the checkout's root, to text */

/**
 * What a module imports: packages by name, `node:` modules, and own files by path.
 * @param {string} path
 * @param {string} text
 * @returns {readonly Import[]}
 */
export function importsOf(path, text) {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(
    /^(?:import|export)\s+(?:(type)\s+(?!from\b))?(?:[^'";=()]*?\bfrom\s*)?['"]([^'"]+)['"]/gm,
  );
  const calls = code.matchAll(/\b(?:import|require)\(\s*(?:['"]([^'"]+)['"])?/g);
  return [
    ...[...statements].map(([, type, to]) => ({ to: resolved(path, to ?? ''), typeOnly: type === 'type' })),
    ...[...calls].map(([, to]) => lazyImport(to ? resolved(path, to) : computed)),
  ];
}

const computed = '(computed)';

/**
 * @param {string} to
 * @returns {Import}
 */
function lazyImport(to) {
  return { to, typeOnly: false, lazy: true };
}

/**
 * @param {string} from
 * @param {string} specifier
 */
function resolved(from, specifier) {
  return specifier.startsWith('.') ? posix.join(posix.dirname(from), specifier) : specifier;
}

/** @param {string} path */
function roomOf(path) {
  return /^src\/([^/]+)\//.exec(path)?.[1];
}

/** @param {string} room */
function floorOf(room) {
  return floors.findIndex((rooms) => rooms.includes(room));
}

/**
 * Everything in `src/` that breaks the order of the house, one sentence each.
 * @param {Sources} sources
 * @returns {string[]}
 */
export function layerViolations(sources) {
  const graph = new Map(Object.entries(sources).map(([path, text]) => [path, importsOf(path, text)]));
  const steps = [...graph].flatMap(([path, imports]) =>
    imports.flatMap(({ to }) => stepViolations(path, to)),
  );
  const roads = lightPrograms.flatMap((program) => roadViolations(program, graph));
  return [...steps, ...roads];
}

/**
 * @param {string} path
 * @param {string} to
 * @returns {string[]}
 */
function stepViolations(path, to) {
  const room = roomOf(path);
  if (!room || floorOf(room) < 0) return [`${path}: is in no room that scripts/layers.mjs knows`];
  if (to === computed) return [`${path}: imports a computed path, which nobody can follow`];
  if (!to.startsWith('src/')) {
    const owner = packageRooms[to];
    return owner && owner !== room ? [`${path}: only src/${owner} may import ${to}`] : [];
  }
  const other = roomOf(to);
  if (!other || other === room || sideways[`${room} -> ${other}`]) return [];
  if (floorOf(other) < floorOf(room)) return [];
  const direction = floorOf(other) === floorOf(room) ? 'sideways' : 'upwards';
  return [`${path}: imports ${direction}, ${to}`];
}

/**
 * @param {(typeof lightPrograms)[number]} program
 * @param {ReadonlyMap<string, readonly Import[]>} graph
 * @returns {string[]}
 */
function roadViolations({ entry, mustNotReach, lazily, because }, graph) {
  /** @type {Map<string, string>} each module reached, and the way to it */
  const reached = new Map([[entry, entry]]);
  for (const [path, road] of reached) {
    for (const { to, typeOnly, lazy } of graph.get(path) ?? []) {
      if (typeOnly || (lazy && lazily) || reached.has(to)) continue;
      reached.set(to, `${road} > ${to}`);
    }
  }
  return [...reached].filter(([path]) => mustNotReach.test(path)).map(([, road]) => `${because}: ${road}`);
}
