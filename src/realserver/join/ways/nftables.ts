/** ARP isolation by nftables(8): a table of our own in the arp family, which is replaced as a whole. */

import type { Ipv4 } from '../../../ipvs/address.ts';
import type { Part } from '../part.ts';
import type { Sender } from '../senders.ts';
import { literally, type Step } from '../step.ts';

const nftablesFile = '/etc/fairlead-realserver.nft';
const table = 'arp fairlead';

export function isolateByNftables(vips: readonly Ipv4[], senders: readonly Sender[]): Part {
  const drops = vips.map((vip) => `arp daddr ip ${vip} drop`);
  const changes = vips.flatMap((vip) => senders.map((sender) => changeRule(vip, sender, senders.length > 1)));
  const text = rulesText(drops, changes);
  return {
    steps: [tableStep([...drops, ...changes], text)],
    files: { [nftablesFile]: text },
    start: [`nft -f ${nftablesFile}`],
    inPacketFilter: true,
    programs: ['nft', 'base64'],
  };
}

/** `several`: machines with one address of their own have the rule without an interface. */
function changeRule(vip: Ipv4, { device, address }: Sender, several: boolean): string {
  const by = several ? `oifname "${device}" ` : '';
  return `${by}arp saddr ip ${vip} arp saddr ip set ${address}`;
}

function rulesText(drops: readonly string[], changes: readonly string[]): string {
  const chain = (hook: string, rules: readonly string[]): readonly string[] => [
    `  chain ${hook} {`,
    `    type filter hook ${hook} priority filter; policy accept;`,
    ...rules.map((rule) => `    ${rule}`),
    '  }',
  ];
  const body = [...chain('input', drops), ...chain('output', changes)];
  return [`table ${table}`, `delete table ${table}`, `table ${table} {`, ...body, '}', ''].join('\n');
}

function tableStep(rules: readonly string[], text: string): Step {
  const each = rules.map((rule) => `^[[:space:]]*${literally(rule)}$`).join('|');
  return {
    key: `nftables table ${table}`,
    holds: `[ "$(nft list table ${table} | grep -cE '${each}')" = ${rules.length} ]`,
    does: `nft -f - <<'END'\n${text}END`,
    undo: `was_nft_table ${table}`,
    ours: `nft list table ${table}`,
  };
}
