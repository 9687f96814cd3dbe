/** A real server drops requests because it would answer by another interface. */

import type { Case, Disorder } from '../finding.ts';
import type { RealServerView } from '../view.ts';
import { effective } from './settings.ts';

const strict = 1;
const tunnels: readonly string[] = ['ipip', 'sit', 'gre', 'ip6tnl', 'ip6gre', 'fou', 'vti'];

export const reversePathFilter: Disorder = {
  code: 'reverse-path-filter',
  title: 'A real server filters by the reverse path',
  breaks:
    'Requests come in by one interface, from the director, and answers leave by another: strict filtering takes that for forgery, and drops the request.',
  onRealServer: casesOf,
};

/** With one interface the way in is the way out. A tunnel device is never the way out to a client. */
function casesOf({ host, reversePathDrops }: RealServerView): readonly Case[] {
  const up = host.interfaces.filter(({ isUp, name }) => isUp && name !== 'lo');
  const filtering = up.filter(({ name }) => effective(host.setting, 'ipv4', 'rp_filter', name) === strict);
  const isTunnel = (kind: string | undefined): boolean => tunnels.includes(kind ?? '');
  const routable = up.filter(({ addresses }) => addresses.some(({ family }) => family === 4));
  const guilty = filtering.filter(
    ({ kind }) => isTunnel(kind) || (routable.length > 1 && reversePathDrops > 0),
  );
  const [first] = guilty;
  if (!first) return [];
  const names = guilty.map(({ name }) => name);
  return [
    {
      problem: `this real server drops what comes in by ${names.join(', ')} and would be answered by another interface`,
      evidence: [
        ...names.map((name) => `rp_filter on ${name}: strict (the larger of all and its own)`),
        `nstat TcpExtIPReversePathFilter: ${reversePathDrops}`,
      ],
      host: { role: 'real server', interface: first.name },
      cure: {
        on: 'real server',
        commands: [
          `sysctl -w net.ipv4.conf.all.rp_filter=2 ${names.map((name) => `net.ipv4.conf.${name.replaceAll('.', '/')}.rp_filter=2`).join(' ')}`,
        ],
        note: '2: any way back will do',
      },
    },
  ];
}
