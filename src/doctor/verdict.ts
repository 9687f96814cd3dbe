/** What a real server's answers mean. Pure. */

import type { Answers, Target } from './probes/server.ts';

/**
 * `well`: it answers as a client would have it. `refused`: it holds the address, nothing listens there.
 * `filtered`: it holds the address and drops or rejects what is for the service. `missing`: it drops what is for
 * the virtual address, and answers for its own. `lost`: it holds the address and means to answer, and nothing
 * arrives. `no-tunnel`: it refuses tunnels. `tunnel-silent`: it holds the address,
 * and drops what comes in the tunnel. `deaf`: it answers in IPv6,
 * and in IPv4 nothing but ARP. `mute`: it answers nothing but ARP. `unclear`: it
 * lives, and whether it serves cannot be told from outside.
 */
export type Verdict =
  | 'well'
  | 'refused'
  | 'filtered'
  | 'missing'
  | 'lost'
  | 'no-tunnel'
  | 'tunnel-silent'
  | 'deaf'
  | 'mute'
  | 'unclear';

export function verdictOf(target: Target, answers: Answers): Verdict {
  const { virtual, own, virtualPing, ownPing, tunnelRefused } = answers;
  const ownAlive = ownPing || own === 'open' || own === 'closed' || own === 'rejected';
  if (target.isTranslated) return servedAt(own, ownAlive, target);
  if (virtual === 'open') return 'well';
  if (virtual === 'closed') return 'refused';
  if (tunnelRefused) return 'no-tunnel';
  if (virtual === 'rejected') return 'filtered';
  if (virtual === 'bounced') return virtualPing ? 'unclear' : 'missing';
  if (virtualPing) return silentButThere(target);
  if (answers.plainPing) return 'tunnel-silent';
  if (!ownAlive) return answers.ipv6Ping ? 'deaf' : 'mute';
  return answers.askedAs === undefined ? 'missing' : 'lost';
}

/** A service whose port is not known, or that says nothing to an empty datagram, is not for that ill. */
function silentButThere(target: Target): Verdict {
  return target.virtualPort === 0 || target.protocol !== 'tcp' ? 'unclear' : 'filtered';
}

function servedAt(own: Answers['own'], isAlive: boolean, target: Target): Verdict {
  if (own === 'open') return 'well';
  if (own === 'closed') return 'refused';
  if (own === 'rejected') return 'filtered';
  if (!isAlive) return 'mute';
  return silentButThere(target);
}
