import { describe, expect, test } from 'vitest';
import { features } from '../features.ts';
import { planActions } from '../plan.ts';
import type { Packet, Scenario } from '../scenario.ts';
import { generate } from './generate.ts';

const many = (chosen: Parameters<typeof generate>[2], count = 300): readonly Scenario[] =>
  Array.from({ length: count }, (_, number) => generate(1, number, chosen));

/** Of all features. */
const everything = many(features);

const packets = (scenarios: readonly Scenario[]): readonly Packet[] =>
  scenarios.flatMap(({ steps }) => steps.flatMap((step) => (step.kind === 'send' ? [step.packet] : [])));

const commands = (scenarios: readonly Scenario[]): readonly string[] =>
  scenarios.flatMap(({ steps }) =>
    steps.flatMap((step) => (step.kind === 'ipvsadm' ? [step.words.join(' ')] : [])),
  );

describe('generate', () => {
  test('the same seed and number give the same scenario, others another', () => {
    expect(generate(17, 4, features)).toEqual(generate(17, 4, features));
    expect(generate(17, 5, features).steps).not.toEqual(generate(17, 4, features).steps);
    expect(generate(18, 4, features).steps).not.toEqual(generate(17, 4, features).steps);
  });

  test('every scenario ends with a look at everything, but for the counters of fragments', () => {
    for (const { steps } of everything) {
      const counters = !steps.some((step) => step.kind === 'send' && step.fragment);
      expect(steps.at(-1)).toEqual({ kind: 'look', counters });
    }
  });

  test('where there are fragments, nothing goes through a tunnel or by single packets', () => {
    const fragmented = everything.filter(({ steps }) =>
      steps.some((step) => step.kind === 'send' && step.fragment),
    );
    expect(fragmented.length).toBeGreaterThan(10);
    expect(commands(fragmented).filter((line) => / -[io]( |$)/.test(line))).toEqual([]);
  });

  test('without features there is TCP and UDP over IPv4 by direct routing, and nothing else', () => {
    const plain = many([]);
    expect([...new Set(packets(plain).map(({ kind }) => kind))].sort()).toEqual(['tcp', 'udp']);
    expect(commands(plain).filter((line) => / -[mipo6xy] | -o$|\[|--(sctp|tun|set)/.test(line))).toEqual([]);
    expect(plain.flatMap(({ steps }) => steps).filter(({ kind }) => kind === 'sysctl')).toEqual([]);
  });

  test('with all features every command and every kind of packet comes up', () => {
    const all = everything;
    expect([...new Set(packets(all).map(({ kind }) => kind))].sort()).toEqual(['icmp', 'sctp', 'tcp', 'udp']);
    const words = new Set(commands(all).flatMap((line) => line.split(' ')));
    const expected = [
      '-A',
      '-E',
      '-D',
      '-C',
      '-a',
      '-e',
      '-d',
      '-Z',
      '--set',
      '-p',
      '-M',
      '-o',
      '-x',
      '-y',
      '-b',
    ];
    for (const word of [
      ...expected,
      '-m',
      '-i',
      'gue',
      'gre',
      '--sctp-service',
      '-f',
      '-6',
      'sip',
      '10.0.0.2:80',
    ])
      expect(words).toContain(word);
    const kinds = new Set(all.flatMap(({ steps }) => steps).map(({ kind }) => kind));
    expect([...kinds].sort()).toEqual(['ipvsadm', 'look', 'mark', 'pause', 'send', 'sysctl', 'unmark']);
  });

  test('only a tunnel leads to a real server of the other family', () => {
    const mixed = commands(everything).filter(
      (line) => /-[ae] -[tu] 10\..* -r \[/.test(line) || /-[ae] -[tu] \[.* -r 10\.0\.[01]\.1\d:/.test(line),
    );
    expect(mixed.length).toBeGreaterThan(10);
    expect(mixed.filter((line) => !line.includes(' -i'))).toEqual([]);
  });

  test('packets of a service by mark are sent where a rule gives them its mark', () => {
    const { steps } = many(['marks']).find(({ steps: [first] }) => first?.kind === 'mark') ?? { steps: [] };
    const destinations = steps.flatMap((step) => (step.kind === 'mark' ? [step.rule.destination] : []));
    const sent = steps.flatMap((step) =>
      step.kind === 'send' && 'flags' in step.packet ? [step.packet.to] : [],
    );
    expect(sent.map(({ address }) => address)).toContain(destinations[0]);
  });

  test('drop_packet is set with its rate in front of it', () => {
    const set = everything.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'sysctl' ? [step.name] : [])),
    );
    expect(set).toContain('drop_packet');
    expect(set.indexOf('am_droprate')).toBeLessThan(set.indexOf('drop_packet'));
  });

  test('no client uses source port 20, which IPVS leaves to its FTP helper', () => {
    const ports = packets(everything).map((packet) => ('flags' in packet ? packet.from.port : 0));
    expect(ports).not.toContain(20);
  });

  test('expire_nodest_conn is not switched on once a real server was deleted', () => {
    for (const { steps } of everything) {
      const deletion = steps.findIndex(
        (step) => step.kind === 'ipvsadm' && /^-[dDC]$/.test(step.words[0] ?? ''),
      );
      const late = steps.slice(deletion < 0 ? steps.length : deletion);
      expect(late).not.toContainEqual({ kind: 'sysctl', name: 'expire_nodest_conn', value: '1' });
    }
  });

  test('the first fragment of a SIP message holds its Call-ID', () => {
    const sizes = everything.flatMap(({ steps }) =>
      steps.flatMap((step) =>
        step.kind === 'send' && step.fragment !== undefined && 'callId' in step.packet ? [step.fragment] : [],
      ),
    );
    expect(sizes.length).toBeGreaterThan(0);
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(128);
  });

  test('the director is no masqueraded real server of IPv6 but for TCP', () => {
    const added = everything.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.kind === 'ipvsadm' && step.words[0] === '-a' ? [step.words] : [])),
    );
    const local = added.filter(
      (words) => words.includes('-m') && words.some((word) => word.startsWith('[fd00::2]')),
    );
    expect(local.length).toBeGreaterThan(0);
    expect(local.filter((words) => words[1] !== '-t')).toEqual([]);
  });
});

describe('planActions', () => {
  const send = { kind: 'send', interface: 0, packet: udp() } as const;
  const look = { kind: 'look', counters: true } as const;
  const kinds = (steps: Scenario['steps']) =>
    planActions({ name: '', number: 0, steps }, []).map(({ action }) => action.kind);

  test('counters are looked at when the kernel has added them up, and only then is there a wait', () => {
    const listings = ['ipvsadm', 'ipvsadm', 'ipvsadm', 'ipvsadm'];
    expect(kinds([send, look, look])).toEqual(['send', 'pause', ...listings, ...listings]);
    expect(kinds([send, { kind: 'ipvsadm', words: ['-Z'] }])).toEqual(['send', 'pause', 'ipvsadm']);
  });

  test('a packet in fragments is sent frame by frame', () => {
    expect(kinds([{ ...send, fragment: 24 }])).toEqual(['send', 'send', 'send', 'send', 'send']);
  });
});

function udp(): Packet {
  const [from, to] = [
    { address: '10.0.0.201', port: 1024 },
    { address: '10.0.0.100', port: 53 },
  ];
  return { kind: 'udp', from, to, payload: 100 };
}
