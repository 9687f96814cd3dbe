/** A real server for direct routing has the director for its gateway, which drops its answers as forged. */

import type { Case, Disorder } from '../finding.ts';
import type { DirectorView, RealServerView } from '../view.ts';
import { type Asked, asked, holders, realServer, serviceText } from './common.ts';
import { isIpv6 } from './cures.ts';
import { effective } from './settings.ts';

export const answersThroughDirector: Disorder = {
  code: 'answers-through-director',
  title: 'A real server sends its answers to the director',
  breaks:
    "They come from the virtual address, which is the director's own: it takes them for forged. Clients beyond the segment wait until they give up.",
  onDirector: (view) =>
    asked(view)
      .filter(({ reach }) => reach.answers.answersThroughUs && holders(view, reach.target.vip).length > 0)
      .filter((probe) => !isPassedOn(view, probe))
      .map((probe) => caseOf(view, probe)),
  onRealServer: ownCases,
};

/** A director that forwards, and accepts packets from its own addresses, is a gateway for them, too. */
function isPassedOn({ host }: DirectorView, { reach }: Asked): boolean {
  const { setting } = host;
  if (isIpv6(reach.target.vip)) return setting('net.ipv6.conf.all.forwarding') === '1';
  const forwards = setting('net.ipv4.ip_forward') === '1';
  const accepts = effective(setting, 'ipv4', 'accept_local', reach.interface) > 0;
  return forwards && accepts && effective(setting, 'ipv4', 'rp_filter', reach.interface) !== 1;
}

function caseOf(view: DirectorView, probe: Asked): Case {
  const { target, interface: name, mac } = probe.reach;
  const others = view.probes
    .filter(({ destination }) => destination.address !== target.rip)
    .filter(({ reach }) => reach.kind === 'asked' && !reach.answers.answersThroughUs)
    .map(({ destination }) => destination.address);
  return {
    problem: `real server ${target.rip} has this director for its gateway: its answers from ${target.vip} are dropped here`,
    evidence: [
      `ping to ${target.vip} from an address elsewhere, sent to ${mac}: the answer was sent to this director by ${name}`,
      ...(others.length > 0 ? [`not so of ${[...new Set(others)].join(', ')}`] : []),
    ],
    host: realServer(probe),
    vip: target.vip,
    services: [serviceText(probe)],
    cure: {
      on: 'director',
      commands: isIpv6(target.vip)
        ? ['sysctl -w net.ipv6.conf.all.forwarding=1']
        : [
            'sysctl -w net.ipv4.ip_forward=1 net.ipv4.conf.all.accept_local=1',
            `sysctl -w net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.${name}.rp_filter=0`,
          ],
      note: `that makes the director pass them on. Better, on ${target.rip}: ip route replace default via the router`,
    },
  };
}

/** By MAC: whoever holds the virtual address is also the gateway. */
function ownCases({ host, vips, holders: known }: RealServerView): readonly Case[] {
  const gateways = [...new Set([...host.routes.values()].flatMap(({ gateway }) => gateway ?? []))];
  return vips.flatMap((vip) =>
    gateways
      .filter((gateway) => isIpv6(gateway) === isIpv6(vip))
      .filter((gateway) => (known.get(gateway) ?? []).some((mac) => known.get(vip)?.includes(mac)))
      .map(
        (gateway): Case => ({
          problem: `the gateway ${gateway} is the director of ${vip}, which drops answers that come from ${vip}`,
          evidence: [`${gateway} and ${vip} have the same MAC, ${known.get(gateway)?.join(', ')}`],
          host: { role: 'real server' },
          vip,
          cure: {
            on: 'real server',
            commands: [],
            note: 'ip route replace default via the router',
          },
        }),
      ),
  );
}
