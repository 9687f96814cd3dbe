/** Which virtual addresses rules keep out of ARP: arptables, and nftables' arp family. Pure. */

import type { Address } from '../ipvs/address.ts';

/** From `arptables-save`: a rule that drops questions for it, and one that hides it in what is sent. */
export function isolatedByArptables(text: string, vips: readonly Address[]): readonly Address[] {
  const rules = text.split('\n').filter((line) => line.startsWith('-A '));
  const names = (line: string, option: string, vip: Address): boolean =>
    new RegExp(` ${option} ${escaped(vip)}(/32)?( |$)`).test(line);
  return vips.filter(
    (vip) =>
      rules.some((line) => line.startsWith('-A INPUT') && names(line, '-d', vip) && / -j DROP/.test(line)) &&
      rules.some(
        (line) => line.startsWith('-A OUTPUT') && names(line, '-s', vip) && / -j (mangle|DROP)/.test(line),
      ),
  );
}

/** From `nft list ruleset arp`: a rule that drops questions for it, and one about what is sent in its name. */
export function isolatedByNftables(text: string, vips: readonly Address[]): readonly Address[] {
  const lines = text.split('\n');
  const about = (side: 'daddr' | 'saddr', vip: Address): readonly string[] =>
    lines.filter((line) => new RegExp(`${side} ip (\\{ .*)?${escaped(vip)}([ },]|$)`).test(line));
  return vips.filter(
    (vip) => about('daddr', vip).some((line) => /\bdrop\b/.test(line)) && about('saddr', vip).length > 0,
  );
}

function escaped(text: string): string {
  return text.replaceAll('.', '\\.');
}
