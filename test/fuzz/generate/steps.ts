/** From a seed to a case: a configuration, then packets, edits and time. */

import { createRandom } from '../../../src/compare/random.ts';
import { type Address, addressFromBytes, addressToBytes } from '../../../src/ipvs/address.ts';
import type { MarkRule } from '../../../src/ipvs/mark-rule.ts';
import { serviceKeyText } from '../../../src/ipvs/service.ts';
import { type SysctlName, sysctls } from '../../../src/ipvs/sysctl.ts';
import { type Book, type Entry, emptyBook, turned } from '../book.ts';
import type { Feature } from '../features.ts';
import { type Case, roomy, type Step } from '../step.ts';
import { emptyMemory, randomPacket } from './packets.ts';
import { addresses, often, waits } from './pools.ts';
import { type Choice, randomFamily, randomProtocol, randomServer, randomService } from './services.ts';

/** So many steps follow the configuration. */
export type Wanted = { readonly packets: number; readonly features: ReadonlySet<Feature> };

/** The same seed and wishes give the same case. Not every feature is in every case. */
export function generateCase(seed: string, { packets, features }: Wanted): Case {
  const random = createRandom(seed);
  const choice: Choice = { random, features: new Set([...features].filter(() => random.chance(0.75))) };
  const steps: Step[] = [];
  let book = emptyBook;
  const take = (step: Step | undefined): void => {
    const next = step && turned(book, step);
    if (!step || !next) return;
    book = next;
    steps.push(step);
  };
  for (const step of configuration(choice)) take(step);
  for (let count = 1 + random.below(4); count > 0; count--) {
    const service = randomService(choice);
    take({ do: 'add-service', service });
    for (let servers = random.below(6); servers > 0; servers--)
      take({ do: 'add-server', service: serviceKeyText(service), server: randomServer(choice, service) });
  }
  const memory = emptyMemory();
  for (let count = 0; count < packets; count++) {
    if (random.chance(0.04)) take(interlude(choice, book));
    take(randomPacket(choice, book, memory));
  }
  const isNarrow = choice.features.has('pressure') && random.chance(0.3);
  const connections = 2 + random.below(12);
  const limits = isNarrow ? { connections, halfOpen: 1 + random.below(connections) } : roomy;
  return { name: `seed ${seed}`, hook: random.chance(0.5) ? 'xdp' : 'tc', limits, steps };
}

/** What is set before there are services. */
function* configuration(choice: Choice): Generator<Step> {
  const { random, features } = choice;
  if (features.has('sysctls')) {
    for (let count = random.below(4); count > 0; count--) yield randomSysctl(choice);
  }
  if (features.has('timeouts') && random.chance(0.2)) yield randomTimeouts(choice);
  if (features.has('marks')) yield { do: 'marks', rules: randomRules(choice) };
}

/** What happens between packets: time passes, or somebody changes the configuration. */
function interlude(choice: Choice, book: Book): Step | undefined {
  const { random, features } = choice;
  const lot = random.below(100);
  if (lot < 60) return features.has('time') ? { do: 'wait', ms: random.pick(waits) } : undefined;
  if (lot < 62) return features.has('timeouts') ? randomTimeouts(choice) : undefined;
  if (lot < 66) return features.has('sysctls') ? randomSysctl(choice) : undefined;
  if (lot < 69) return features.has('marks') ? { do: 'marks', rules: randomRules(choice) } : undefined;
  if (lot < 72)
    return features.has('defences')
      ? { do: 'defend', availablePages: random.pick([0, 100, 1_000_000]) }
      : undefined;
  if (lot < 74) return { do: 'purge' };
  if (lot < 75) return features.has('restart') && random.chance(0.05) ? { do: 'restart' } : undefined;
  return features.has('edits') ? randomEdit(choice, book) : undefined;
}

function randomEdit(choice: Choice, book: Book): Step | undefined {
  const { random } = choice;
  const entries = [...book.services.entries()];
  const lot = random.below(100);
  if (entries.length === 0 || lot < 8) return { do: 'add-service', service: randomService(choice) };
  const [service, entry]: readonly [string, Entry] = random.pick(entries);
  if (lot < 20) return { do: 'edit-service', service: randomService(choice, entry.service) };
  if (lot < 24) return { do: 'remove-service', service };
  if (lot < 25) return { do: 'remove-all' };
  if (lot < 30) return { do: 'zero', service };
  const servers = [...entry.servers.entries()];
  if (servers.length === 0 || lot < 55)
    return { do: 'add-server', service, server: randomServer(choice, entry.service) };
  const [name, old] = random.pick(servers);
  if (lot < 75) return { do: 'edit-server', service, server: randomServer(choice, entry.service, old) };
  return { do: 'remove-server', service, server: name };
}

const livelySysctls = often<SysctlName>([
  ['conn_reuse_mode', 3],
  ['expire_nodest_conn', 3],
  ['expire_quiescent_template', 3],
  ['sloppy_tcp', 2],
  ['sloppy_sctp', 2],
  ['pmtu_disc', 2],
  ['schedule_icmp', 1],
  ['nat_icmp_send', 1],
  ['cache_bypass', 1],
  ['ignore_tunneled', 1],
  ['lblc_expiration', 1],
  ['lblcr_expiration', 1],
]);
/** Not drop_entry, which draws lots. */
const defences = ['drop_packet', 'secure_tcp', 'am_droprate'] as const satisfies readonly SysctlName[];

function randomSysctl({ random, features }: Choice): Step {
  const name =
    features.has('defences') && random.chance(0.2) ? random.pick(defences) : random.pick(livelySysctls);
  const { minimum, maximum } = sysctls[name];
  const value =
    maximum <= 3 ? minimum + random.below(maximum - minimum + 1) : random.pick([minimum, minimum + 1, 3, 60]);
  return { do: 'sysctl', name, value };
}

function randomTimeouts({ random }: Choice): Step {
  const seconds = (): number => random.pick([1, 5, 60, 120, 300, 900, 2_678_400]);
  return { do: 'timeouts', timeouts: { tcp: seconds(), tcpFin: seconds(), udp: seconds() } };
}

function randomRules(choice: Choice): readonly MarkRule[] {
  return Array.from({ length: choice.random.below(4) }, () => randomRule(choice));
}

function randomRule(choice: Choice): MarkRule {
  const { random } = choice;
  const family = randomFamily(choice);
  const some = (): boolean => random.chance(0.3);
  const full = family === 4 ? [32, 24, 31] : [128, 64, 127];
  const { vips, clients } = addresses[family];
  return {
    family,
    ...(random.chance(0.6) && { protocol: randomProtocol(choice) }),
    ...(random.chance(0.7) && { target: prefix(random.pick(vips), random.pick(full)) }),
    ...(some() && { source: prefix(random.pick(clients), random.pick(full)) }),
    ...(some() && {
      targetPorts: random.pick([
        { first: 80, last: 80 },
        { first: 1, last: 1023 },
        { first: 443, last: 8080 },
      ]),
    }),
    ...(some() && {
      sourcePorts: random.pick([
        { first: 1024, last: 1025 },
        { first: 0, last: 65_535 },
      ]),
    }),
    ...(some() && { interface: random.pick(['eth0', 'eth1']) }),
    value: random.pick([1, 7, 0xffffffff, 6, 0]),
    mask: random.pick([0xffffffff, 0xffffffff, 1, 0]),
    final: some(),
  };
}

function prefix(address: Address, length: number): NonNullable<MarkRule['target']> {
  const bytes = addressToBytes(address).map((octet, index) => {
    const bits = Math.min(Math.max(length - index * 8, 0), 8);
    return octet & (0xff00 >> bits);
  });
  return { address: addressFromBytes(bytes), length };
}
