/** A real server asks by ARP in the name of the virtual address: whoever hears it takes it for the holder. */

import type { Address } from '../../ipvs/address.ts';
import { isRecent, secondsToGo } from '../claims.ts';
import type { Case, Disorder } from '../finding.ts';
import type { DirectorView, RealServerView } from '../view.ts';
import { asked, holders, virtualAddresses } from './common.ts';
import { announcement, isIpv6, silence } from './cures.ts';
import { effective } from './settings.ts';
import { realServerOfMac } from './who.ts';

export const addressClaimedByRealServer: Disorder = {
  code: 'address-claimed-by-real-server',
  title: 'A real server uses the virtual address as the sender of its ARP',
  breaks:
    'Neighbours learn from questions, too: those that have an entry for the virtual address now have the MAC of the real server in it.',
  explainedBy: ['address-answered-by-real-server'],
  onDirector: (view) => virtualAddresses(view).flatMap((vip) => casesOf(view, vip)),
  onRealServer: (view) => view.vips.flatMap((vip) => ownCase(view, vip) ?? []),
};

/** `undefined`: it was not seen to ask at all. */
type Asking = { readonly rip: Address; readonly mac: string; readonly asksAs: Address | undefined };

function casesOf(view: DirectorView, vip: Address): readonly Case[] {
  const servers = asked(view)
    .filter(({ reach }) => reach.target.vip === vip && reach.gateway === undefined)
    .map(({ reach }): Asking => ({ rip: reach.target.rip, mac: reach.mac, asksAs: reach.answers.askedAs }));
  const now = servers
    .filter(({ asksAs }) => asksAs === vip)
    .map(({ rip, mac }) => caseOf(vip, rip, mac, `to answer a ping of ${vip} it asked by ARP as ${vip}`));
  const before = view.state.claims
    .filter((claim) => claim.vip === vip && isRecent(claim) && holders(view, vip).length > 0)
    // Who asks in its own name now has stopped.
    .filter(({ mac }) => !servers.some((server) => server.mac === mac && server.asksAs !== undefined))
    .flatMap((claim) => {
      const { mac, kinds, count, lastSecondsAgo, interface: name } = claim;
      const rip = realServerOfMac(view, mac);
      const what = `ARP watch on ${name}: ${kinds.join(', ')} from ${mac}, ${count} in all, the last ${lastSecondsAgo} s ago`;
      const until = `it asked nobody while the doctor looked: if that was the last, this goes in ${secondsToGo(claim)} s`;
      return rip === undefined ? [] : [caseOf(vip, rip, mac, what, until)];
    });
  return [...now, ...before];
}

function caseOf(vip: Address, rip: Address, mac: string, ...seen: readonly string[]): Case {
  return {
    problem: `real server ${rip} (${mac}) asks in the name of ${vip}`,
    evidence: seen,
    host: { role: 'real server', address: rip, mac },
    vip,
    cure: isIpv6(vip)
      ? silence(vip, rip)
      : {
          on: 'real server',
          host: rip,
          commands: ['sysctl -w net.ipv4.conf.all.arp_announce=2'],
          also: [announcement(vip)],
          note: `where ${vip} is not on lo: arptables -A OUTPUT -s ${vip} -j mangle --mangle-ip-s ${rip}`,
        },
  };
}

/** What it would do, by its settings. */
function ownCase({ host, isolated }: RealServerView, vip: Address): Case | undefined {
  if (isIpv6(vip) || isolated.has(vip) || holders({ host }, vip).length === 0) return undefined;
  const open = host.interfaces.filter(
    ({ name, mac, isUp }) =>
      mac !== undefined && isUp && effective(host.setting, 'ipv4', 'arp_announce', name) < 2,
  );
  const [first] = open;
  if (!first) return undefined;
  return {
    problem: `this real server asks by ARP in the name of ${vip}`,
    evidence: open.map(
      ({ name }) => `arp_announce on ${name}: ${effective(host.setting, 'ipv4', 'arp_announce', name)}`,
    ),
    host: { role: 'real server', interface: first.name },
    vip,
    cure: { on: 'real server', commands: ['sysctl -w net.ipv4.conf.all.arp_announce=2'] },
  };
}
