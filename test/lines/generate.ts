/** Random command lines of ipvsadm: right ones, almost right ones and nonsense, from a seed. Pure. */

import { createRandom, type Random } from '../../src/compare/random.ts';
import { type FlagName, flags, type Legality, legality, type OptionName } from '../../src/ipvsadm/options.ts';
import * as words from './vocabulary.ts';

export type Line = {
  readonly argv: readonly string[];
  /** For -R. */
  readonly stdin?: string;
};

/** So many lines go by until the table is cleared, so that what is listed stays short. */
const linesPerTable = 120;

/** The same seed gives the same lines, and fewer of them the first. */
export function generateLines(seed: string, count: number): readonly Line[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, index) => {
    const at = index % linesPerTable;
    const cleaning = cleaningLines[at];
    return cleaning ? { argv: cleaning } : randomLine(random);
  });
}

/** Begins a table. */
const cleaningLines: readonly (readonly string[])[] = [
  ['-C'],
  ['--stop-daemon', 'master'],
  ['--stop-daemon', 'backup'],
  ['--set', '900', '120', '300'],
];

function randomLine(random: Random): Line {
  if (random.chance(0.03)) return restoreLine(random);
  return { argv: randomWords(random) };
}

function restoreLine(random: Random): Line {
  const lines = Array.from({ length: random.below(6) }, () => {
    const blank = random.pick(['  ', ' ', '\t', ' ']);
    return [...(random.chance(0.3) ? ['ipvsadm'] : []), ...randomWords(random)].join(blank);
  });
  const end = random.chance(0.8) ? '\n' : '';
  return { argv: [random.pick(['-R', '--restore'])], stdin: lines.join('\n') + end };
}

function randomWords(random: Random): readonly string[] {
  switch (random.weighted({ right: 11, almost: 7, nonsense: 2 })) {
    case 'right':
      return rightWords(random);
    case 'almost':
      return damaged(random, rightWords(random));
    case 'nonsense':
      return nonsense(random);
  }
}

type CommandName = Exclude<(typeof commandRows)[number]['command'], undefined>;
const commandRows = flags.flatMap(({ long, short, command }) => (command ? [{ long, short, command }] : []));

const commandWeights: Readonly<Partial<Record<CommandName, number>>> = {
  'add-service': 18,
  'edit-service': 7,
  'delete-service': 3,
  'add-server': 24,
  'edit-server': 8,
  'delete-server': 4,
  list: 16,
  zero: 2,
  save: 5,
  set: 2,
  'start-daemon': 4,
  'stop-daemon': 3,
  flush: 1,
  version: 1,
};

/** A command with what it requires and some of what it allows, spelled in any way. */
function rightWords(random: Random): readonly string[] {
  const command = random.weighted(commandWeights as Record<CommandName, number>);
  const row = random.pick(commandRows.filter((each) => each.command === command));
  const spelled = spell(random, row, commandValue(random, command));
  const { required = [], allowed = [], exclusive = [] } = legalityOf(command);
  const chosen = allowed.filter(() => random.chance(1.6 / allowed.length));
  const one = exclusive.length > 0 && random.chance(0.4) ? [random.pick(exclusive)] : [];
  // What is read by the family of the service, or after -f, comes behind it as a rule.
  const options = random.chance(0.8)
    ? [...required, ...chosen, ...one]
    : shuffled(random, [...required, ...chosen, ...one]);
  return [...spelled, ...options.flatMap((option) => optionWords(random, option))];
}

function legalityOf(command: CommandName): Legality {
  return command === 'help' || command === 'version' ? {} : legality[command];
}

function commandValue(random: Random, command: CommandName): readonly string[] {
  if (command === 'start-daemon' || command === 'stop-daemon') return [pickFrom(random, words.roles)];
  if (command !== 'set') return [];
  const times = random.chance(0.5) ? ['0', '10', '900'] : words.numbers;
  return Array.from({ length: random.pick([3, 3, 3, 3, 2, 4]) }, () => random.pick(times));
}

/** A flag and its values: `-w 5`, `-w5`, `--weight 5`, `--weight=5`. */
function spell(
  random: Random,
  { long, short }: { readonly long: string; readonly short?: string | undefined },
  values: readonly string[] = [],
): readonly string[] {
  const [first, ...rest] = values;
  const name = short !== undefined && random.chance(0.7) ? `-${short}` : `--${long}`;
  if (first === undefined) return [name];
  const glue = name.startsWith('--') ? '=' : random.pick(['', '', '=']);
  return random.chance(0.8) ? [name, ...values] : [`${name}${glue}${first}`, ...rest];
}

/** By the flags that give an option. */
function optionWords(random: Random, option: OptionName): readonly string[] {
  const flag = random.pick(flags.filter((each) => each.option === option));
  const values = 'argument' in flag ? valuesOf(random, flag.long, flag.argument === 'optional') : [];
  const spelled = spell(random, flag, values);
  return flag.long === 'fwmark-service' && random.chance(0.4)
    ? [...spelled, random.pick(['-6', '--ipv6'])]
    : spelled;
}

function valuesOf(random: Random, flag: FlagName, optional: boolean): readonly string[] {
  if (optional && random.chance(0.4)) return [];
  return [random.chance(0.06) ? oddValue(random) : usualValue(random, flag)];
}

function usualValue(random: Random, flag: FlagName): string {
  switch (flag) {
    case 'tcp-service':
    case 'udp-service':
    case 'sctp-service':
      return random.pick(words.services);
    case 'real-server':
      return random.pick(words.servers);
    case 'fwmark-service':
      return random.pick(words.marks);
    default: {
      const pool = pools[flag];
      if (pool) return pickFrom(random, pool);
      return random.chance(0.9) ? String(random.below(300)) : random.pick(words.numbers);
    }
  }
}

const pools: Readonly<Partial<Record<FlagName, typeof words.schedulers>>> = {
  scheduler: words.schedulers,
  'sched-flags': words.schedulerFlags,
  netmask: words.netmasks,
  pe: words.engines,
  'tun-type': words.tunnelTypes,
  'mcast-interface': words.interfaces,
  'mcast-group': words.groups,
};

function pickFrom(random: Random, { usual, odd }: typeof words.schedulers): string {
  return random.pick(random.chance(0.9) ? usual : odd);
}

function oddValue(random: Random): string {
  return random.pick([...words.oddAddresses, ...words.numbers, ...words.rubbish, ...words.servers]);
}

/** One to three mistakes. */
function damaged(random: Random, argv: readonly string[]): readonly string[] {
  let result = argv;
  for (let left = 1 + random.below(3); left > 0; left -= 1) result = damage(random, result);
  return result;
}

function damage(random: Random, argv: readonly string[]): readonly string[] {
  const at = random.below(argv.length + 1);
  const word = argv[at] ?? '';
  switch (random.weighted({ drop: 3, repeat: 2, insert: 5, swap: 2, odd: 5, letter: 3, move: 1 })) {
    case 'drop':
      return argv.toSpliced(at, 1);
    case 'repeat':
      return argv.toSpliced(at, 0, ...argv.slice(at, at + 2));
    case 'insert':
      return argv.toSpliced(at, 0, ...anyOption(random));
    case 'swap':
      return argv.toSpliced(at, 2, ...argv.slice(at, at + 2).toReversed());
    case 'odd':
      return argv.toSpliced(at, 1, oddValue(random));
    case 'letter':
      return argv.toSpliced(at, 1, damagedWord(random, word));
    case 'move':
      return shuffled(random, argv);
  }
}

function anyOption(random: Random): readonly string[] {
  const flag = random.pick(flags.filter(({ option }) => option !== undefined));
  return flag.option ? optionWords(random, flag.option) : [];
}

function damagedWord(random: Random, word: string): string {
  const letters = [...word];
  const at = random.below(letters.length + 1);
  const letter = random.pick([...'0159afxLnAt-=:.[]/% ,']);
  return letters.toSpliced(at, random.below(2), ...(random.chance(0.7) ? [letter] : [])).join('');
}

function nonsense(random: Random): readonly string[] {
  return Array.from({ length: 1 + random.below(6) }, () =>
    random.chance(0.6) ? random.pick(words.flagWords) : oddValue(random),
  );
}

function shuffled<T>(random: Random, items: readonly T[]): readonly T[] {
  return items.reduce<readonly T[]>(
    (done, item) => done.toSpliced(random.below(done.length + 1), 0, item),
    [],
  );
}
