/**
 * A scenario as a shell script that anybody can run as root, on any Linux, with whatever ipvsadm is in the
 * PATH; its last line holds the scenario itself, for `npm run compare -- --replay FILE`. Pure.
 */

import type { Feature } from './features.ts';

import { fairleadWords } from './marks.ts';
import { links, sysctls } from './network.ts';
import { type Action, type PlannedAction, planActions } from './plan.ts';
import { endText, type Packet, type Scenario, type Step } from './scenario.ts';

const marker = '# scenario ';

const head = `#!/bin/sh
# Replays one scenario as root: a director in the network namespace "director", the other ends of its cables in "wire".
# Every packet is sent from there, and what leaves the director is shown: interface, destination MAC, packet.
set -u
fairlead=$(dirname "$(readlink -f "$(command -v ipvsadm)")")/fairlead # beside Fairlead's ipvsadm, not beside the kernel's
modprobe -qa ipv6 ip_vs 2>/dev/null
ip netns add director || exit
ip netns add wire
trap 'ip netns del director; ip netns del wire' EXIT
on() { ip netns exec "$@"; }
send() {
  on wire python3 -c '
import select, socket, sys
links = {name: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0x0300) for name in ("eth0", "eth1")}
for name, link in links.items(): link.bind((name, 3))
links[sys.argv[1]].send(bytes.fromhex(sys.argv[2]))
while ready := select.select(list(links.values()), [], [], 0.05)[0]:
    for link in ready:
        frame, (name, _, kind, *_) = link.recvfrom(65536)
        if kind != 4: print(">", name, frame[:6].hex(":"), frame[14:].hex())
' "$@"
}
ipvsadm() { echo "# ipvsadm $*"; on director ipvsadm "$@"; }
vs() {
  if [ -x "$fairlead" ]; then on director "$fairlead" sysctl -w "$1=$2"
  else on director sh -c 'echo "$2" >/proc/sys/net/ipv4/vs/$1' vs "$@"
  fi
}
mark() { if [ -x "$fairlead" ]; then on director "$fairlead" $2; else on director $1; fi; }`;

export function scriptOf(scenario: Scenario, features: readonly Feature[]): string {
  const settings = sysctls.map(([path, value]) => `on director sh -c 'echo ${value} >/proc/sys/net/${path}'`);
  const lines = [
    head,
    ...settings,
    "ip -n director -batch - <<'END'",
    ...links.map((line) => line.replace(/WIRE(\d)/, 'eth$1 netns wire')),
    'END',
    ...['eth0', 'eth1'].map((device) => `ip -n wire link set ${device} up`),
    '',
    `# ${scenario.name}`,
    ...planActions(scenario, features).map((planned) => commented(planned, scenario)),
    '',
    marker + JSON.stringify(scenario),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function lineOf(action: Action): string {
  switch (action.kind) {
    case 'ipvsadm':
      return ['ipvsadm', ...action.words].join(' ');
    case 'sysctl':
      return `vs ${action.name} ${action.value}`;
    case 'mark':
      return `mark '${action.netfilter.join(' ')}' '${action.fairlead.join(' ')}'`;
    case 'pause':
      return `sleep ${action.seconds}`;
    case 'send':
      return `send eth${action.interface} ${action.frame}`;
  }
}

/** A comment in front of what is not plain to see. */
function commented({ step, action }: PlannedAction, { steps }: Scenario): string {
  const origin = steps[step];
  const comment = origin?.kind === 'send' ? `# ${stepText(origin)}\n` : '';
  return comment + lineOf(action);
}

/** The scenario in a script, or in a file that holds nothing else. Throws SyntaxError. */
export function readScenario(text: string): Scenario {
  const line = text.split('\n').find((each) => each.startsWith(marker));
  return JSON.parse(line ? line.slice(marker.length) : text) as Scenario;
}

/** The steps, one a line, as a person would tell them. */
export function tell({ steps }: Scenario): string {
  return steps.map((step, index) => `  ${String(index + 1).padStart(3)}  ${stepText(step)}\n`).join('');
}

function stepText(step: Step): string {
  switch (step.kind) {
    case 'ipvsadm':
      return ['ipvsadm', ...step.words].join(' ');
    case 'sysctl':
      return `sysctl net.ipv4.vs.${step.name}=${step.value}`;
    case 'mark':
      return `mark: ${fairleadWords(step.rule).join(' ')}`;
    case 'unmark':
      return 'no marks';
    case 'pause':
      return `sleep ${step.seconds}`;
    case 'look':
      return step.counters ? 'look at listings and counters' : 'look at listings';
    case 'send': {
      const fragments = step.fragment === undefined ? '' : ` in fragments of ${step.fragment}`;
      return `eth${step.interface} < ${packetText(step.packet)}${fragments}`;
    }
  }
}

function packetText(packet: Packet): string {
  const { ttl, tos, dontFragment } = packet;
  const rest = [
    ...(ttl === undefined ? [] : [`ttl ${ttl}`]),
    ...(tos === undefined ? [] : [`tos ${tos}`]),
    ...(dontFragment ? ['DF'] : []),
  ];
  return [contentText(packet), ...rest].join(' ');
}

function contentText(packet: Packet): string {
  if (packet.kind === 'icmp') {
    const { from, to, type, code, about } = packet;
    return `${from} > ${to} icmp ${type}/${code} about [${packetText(about)}]`;
  }
  const flow = `${endText(packet.from)} > ${endText(packet.to)} ${packet.kind}`;
  if (packet.kind === 'sctp') return `${flow} ${packet.chunks.join(' ')}`;
  const call = 'callId' in packet ? ` call ${packet.callId}` : '';
  const bytes = call + (packet.payload > 0 ? ` ${packet.payload} bytes` : '');
  return packet.kind === 'tcp' ? `${flow} ${packet.flags || 'no flags'}${bytes}` : `${flow}${bytes}`;
}
