/** Mark rules in their two banks: the one that is not in force is written, and takes over by a commit. */

import { FlLimit, type flMarkRule } from '../abi.gen.ts';
import type { DirectorMaps } from '../director-maps.ts';
import type { Decoded } from '../layout.ts';
import { hasBegun, nextGeneration } from './generation.ts';

type Rule = Decoded<typeof flMarkRule>;

const placeIn = (bank: number): number => bank * FlLimit.FL_LIMIT_MARK_RULES;

/** The rules in force. */
export function readMarkRules(maps: DirectorMaps): readonly Rule[] {
  const { markBank, markRules } = maps.settings.get(0);
  return maps.markRules.range(placeIn(markBank), markRules[markBank] ?? 0);
}

export function writeMarkRules(maps: DirectorMaps, rules: readonly Rule[]): void {
  const settings = maps.settings.get(0);
  const generation = nextGeneration(settings.generation);
  const bank = otherBank(settings.markBank);
  const counts = settings.markRules.with(bank, rules.length);

  maps.markRules.setMany(rules.map((rule, index) => [placeIn(bank) + index, rule]));
  maps.settings.set(0, { ...settings, markRules: counts, markSince: generation });

  maps.settings.set(0, { ...settings, markRules: counts, markSince: generation, generation });

  maps.settings.set(0, { ...settings, markRules: counts, markBank: bank, markSince: 0, generation });
}

/** Makes the bank in force the only one. */
export function settleMarkRules(maps: DirectorMaps): void {
  const settings = maps.settings.get(0);
  const { markBank, markSince, generation } = settings;
  if (markSince === 0) return;
  const bank = hasBegun(markSince, generation) ? otherBank(markBank) : markBank;
  maps.settings.set(0, { ...settings, markBank: bank, markSince: 0 });
}

function otherBank(bank: number): number {
  return 1 - bank;
}
