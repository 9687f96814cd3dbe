/**
 * ARP isolation by arptables(8): whoever asks for a virtual address gets no answer, and whoever is asked by this
 * machine sees its own address. Kept as arptables-save(8) writes it.
 */

import type { Ipv4 } from '../../../ipvs/address.ts';
import type { Part } from '../part.ts';
import type { Sender } from '../senders.ts';
import { literally, type Step } from '../step.ts';

const arptablesFile = '/etc/fairlead-realserver.arptables';

type Rule = { readonly words: string; readonly saved: string };

export function isolateByArptables(vips: readonly Ipv4[], senders: readonly Sender[]): Part {
  const rules = vips.flatMap((vip) => [
    dropRule(vip),
    ...senders.map((sender) => mangleRule(vip, sender, senders.length > 1)),
  ]);
  return {
    steps: rules.map(ruleStep),
    files: { [arptablesFile]: savedText(rules) },
    start: [restoreLine(rules)],
    inPacketFilter: true,
    needs: ['raw', 'modules'], // the older arptables does all that itself
    programs: ['arptables', 'arptables-save'],
  };
}

/** Does nothing while all are there, and else leaves none twice and other people's as they are, with any arptables. */
function restoreLine(rules: readonly Rule[]): string {
  const count = `$(arptables-save | grep -cE "${rules.map(({ saved }) => saved).join('|')}")`;
  const remove = `sed -n s/^-A/-D/p ${arptablesFile} | xargs -L 1 arptables 2>/dev/null`;
  const add = `sed -n /^-A/p ${arptablesFile} | xargs -L 1 arptables`;
  return `[ ${count} -ge ${rules.length} ] || { ${remove}; ${add}; }`;
}

function dropRule(vip: Ipv4): Rule {
  return { words: `INPUT -d ${vip} -j DROP`, saved: `^-A INPUT.* -d ${literally(vip)}( |$)` };
}

/** `several`: machines with one address of their own have the rule without an interface. */
function mangleRule(vip: Ipv4, { device, address }: Sender, several: boolean): Rule {
  const by = several ? `-o ${device} ` : '';
  const saved = `^-A OUTPUT.* ${literally(by)}-s ${literally(vip)} .*--mangle-ip-s ${literally(address)}( |$)`;
  return { words: `OUTPUT ${by}-s ${vip} -j mangle --mangle-ip-s ${address}`, saved };
}

function ruleStep({ words, saved }: Rule): Step {
  return {
    key: `arptables ${words}`,
    holds: `arptables-save | grep -qE -e '${saved}'`,
    does: `arptables -A ${words}`,
    undo: `no_arptables_rule ${words}`,
  };
}

function savedText(rules: readonly Rule[]): string {
  const lines = rules.map(({ words }) => `-A ${words}`);
  return ['*filter', ':INPUT ACCEPT', ':OUTPUT ACCEPT', ...lines, 'COMMIT', ''].join('\n');
}
