/** What is no service: virtual addresses on interfaces, timeouts, mark rules. */

import { type Family, familyOf } from '../../ipvs/address.ts';
import {
  type MarkRule,
  markRuleProblem,
  maxMarkRules,
  type PortRange,
  tidyMarkRule,
} from '../../ipvs/mark-rule.ts';
import { type Prefix, parsePrefix } from '../../ipvs/prefix.ts';
import { maxMark } from '../../ipvs/service.ts';
import type { Timeouts } from '../../ipvs/timeouts.ts';
import { parseVip, type Vip, vipProblem } from '../../ipvs/vip.ts';
import type { Path, Report } from '../problem.ts';
import type { FileEntry, MarkEntry } from '../schema/file.ts';
import { secondsOf } from './duration.ts';

export function readVips(entries: NonNullable<FileEntry['vips']>, report: Report): readonly Vip[] {
  const seen = new Map<string, Path>();
  return Object.entries(entries).flatMap(([name, texts]) =>
    texts.flatMap((text, index) => {
      const path = ['vips', name, index];
      const vip = parseVip(text);
      const problem = vip
        ? vipProblem(vip)
        : `\`${text}\` is not an address, with or without a length, like 192.0.2.10/32`;
      if (problem !== undefined) report({ path, message: problem });
      if (!vip || problem !== undefined) return [];
      const other = seen.get(vip.address);
      if (other) report({ path, message: `${vip.address} stands here a second time`, other });
      seen.set(vip.address, path);
      return [{ interface: name, ...vip }];
    }),
  );
}

export function readTimeouts(
  entry: NonNullable<FileEntry['timeouts']>,
  report: Report,
): Readonly<Partial<Timeouts>> {
  const read = (key: keyof typeof entry): number | undefined => {
    const time = entry[key];
    return time === undefined ? undefined : secondsOf(time, 1, ['timeouts', key], report);
  };
  const [tcp, tcpFin, udp] = [read('tcp'), read('tcp_fin'), read('udp')];
  return {
    ...(tcp !== undefined && { tcp }),
    ...(tcpFin !== undefined && { tcpFin }),
    ...(udp !== undefined && { udp }),
  };
}

/** Each entry stands for a rule for each family and each range of ports. */
export function readMarks(entries: readonly MarkEntry[], report: Report): readonly MarkRule[] {
  const rules = entries.flatMap((entry, index) => readMark(entry, ['marks', index], report));
  if (rules.length > maxMarkRules)
    report({
      path: ['marks'],
      message: `that comes to ${rules.length} rules: there is room for ${maxMarkRules}`,
    });
  return rules;
}

function readMark(entry: MarkEntry, path: Path, report: Report): readonly MarkRule[] {
  const value = readValue(entry.mark, [...path, 'mark'], report);
  const target = readPrefix(entry.destination, [...path, 'destination'], report);
  const source = readPrefix(entry.source, [...path, 'source'], report);
  const families = familiesOf(entry, [target, source], path, report);
  const shared = {
    ...value,
    ...(entry.protocol && { protocol: entry.protocol }),
    ...(target && { target }),
    ...(source && { source }),
    ...(entry.interface !== undefined && { interface: entry.interface }),
    final: entry.final ?? false,
  };
  const targetPorts = readPorts(entry.ports, [...path, 'ports'], report);
  const sourcePorts = readPorts(entry.source_ports, [...path, 'source_ports'], report);
  return families.flatMap((family) =>
    targetPorts.flatMap((ports) =>
      sourcePorts.flatMap((others) => {
        const rule = {
          ...{ family, ...shared },
          ...(ports && { targetPorts: ports }),
          ...(others && { sourcePorts: others }),
        };
        return markRuleProblem(rule) === undefined ? [tidyMarkRule(rule)] : [];
      }),
    ),
  );
}

/** `7`, or `0x10/0xf0` for some of the bits. */
function readValue(mark: number | string, path: Path, report: Report): Pick<MarkRule, 'value' | 'mask'> {
  const [, value = '', mask = String(maxMark)] = /^(\w+)(?:\/(\w+))?$/.exec(String(mark)) ?? [];
  const numbers = [value, mask].map((text) =>
    /^(\d{1,10}|0x[\da-f]{1,8})$/i.test(text) ? Number(text) : Number.NaN,
  );
  const [wanted = Number.NaN, bits = Number.NaN] = numbers;
  if (wanted <= maxMark && bits <= maxMark) return { value: wanted, mask: bits };
  report({
    path,
    message: `\`${mark}\` is not a mark: write a number, or 0x10/0xf0 for some of its 32 bits`,
  });
  return { value: 0, mask: maxMark };
}

function readPrefix(text: string | undefined, path: Path, report: Report): Prefix | undefined {
  if (text === undefined) return undefined;
  const prefix = parsePrefix(text);
  if (!prefix) report({ path, message: `\`${text}\` is not an address or a prefix, like 192.0.2.0/24` });
  return prefix;
}

/** Those that the addresses belong to; without an address, what is said, or both. */
function familiesOf(
  { family }: MarkEntry,
  prefixes: readonly (Prefix | undefined)[],
  path: Path,
  report: Report,
): readonly Family[] {
  const named = new Set(prefixes.flatMap((prefix) => (prefix ? [familyOf(prefix.address)] : [])));
  if (family !== undefined) named.add(family);
  if (named.size > 1)
    report({ path, message: 'the rule is about both address families at once, which no packet has' });
  if (named.size > 1) return [];
  return named.size === 0 ? [4, 6] : [...named];
}

/** One `undefined` for any port. */
function readPorts(
  texts: MarkEntry['ports'],
  path: Path,
  report: Report,
): readonly (PortRange | undefined)[] {
  if (!texts) return [undefined];
  return texts.map((text, index) => {
    const [first = 0, last = first] = String(text).split('-').map(Number);
    const here = [...path, index];
    if (last > 0xffff || first > 0xffff) report({ path: here, message: `ports go up to 65535: ${text}` });
    else if (first > last) report({ path: here, message: `the range ${text} runs backwards` });
    return { first, last };
  });
}
