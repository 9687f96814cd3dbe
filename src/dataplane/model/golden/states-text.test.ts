/** Sections of states.txt: what segments leave under changed settings, and what each does to ActiveConn and InActConn. */

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tcp } from '../../../../test/support/packet.ts';
import { createDirector, type Director, service } from './director.ts';

const text = readFileSync(new URL('../../../../test/golden/states.txt', import.meta.url), 'utf8');
const sections = new Map(
  text
    .split(/^== /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section.split('\n').slice(1)] as const),
);

function linesOf(title: string): readonly string[] {
  return (sections.get(title) ?? []).filter((line) => line.trim() !== '' && !line.startsWith('('));
}

const twoServers = service('-t 10.0.0.100:80', 'rr', ['10.0.0.11', '10.0.0.12']);

function send({ receive }: Director, flags: string): void {
  receive(tcp({ from: '10.0.0.200:40001', to: '10.0.0.100:80', flags }));
}

function set({ model }: Director, name: 'sloppy_tcp' | 'secure_tcp', value: number): void {
  model.setSysctls({ ...model.sysctls(), [name]: value });
  model.defend(1_000_000);
}

const settings: Readonly<Record<string, (director: Director) => void>> = {
  'Hand-made segments from 10.0.0.200 (nobody answers): after each segment, state and seconds left; - is no entry':
    () => {},
  '--set 7 3 5': ({ ipvsadm }) => ipvsadm('--set 7 3 5'),
  'sysctl net.ipv4.vs.sloppy_tcp=1': (director) => set(director, 'sloppy_tcp', 1),
  'sysctl net.ipv4.vs.secure_tcp=3': (director) => set(director, 'secure_tcp', 3),
};

describe.each(Object.entries(settings))('%s', (title, apply) => {
  it.each(linesOf(title))('%s', (line) => {
    const director = createDirector(twoServers);
    apply(director);
    const [segments = '', after = ''] = line.split(/ {2,}/);
    for (const flags of segments.split(' ')) send(director, flags);
    director.world.wait(0.01);
    const [entry] = director.model.connections();
    expect(entry ? `${entry.state} ${entry.expiresInSeconds}` : '-').toBe(after);
  });
});

describe('ActiveConn and InActConn', () => {
  it.each(linesOf('ActiveConn/InActConn after each segment (a fresh director each time)'))('%s', (line) => {
    const director = createDirector(twoServers);
    for (const step of line.split('; ')) {
      const [flags = '', after = ''] = step.split(': ');
      send(director, flags);
      director.world.wait(0.01);
      const [entry] = director.model.connections();
      const listed = `${entry?.state}->${entry?.destination.address} ${entry?.expiresInSeconds}`;
      expect(`${listed} ${boundOf(director)}`).toBe(after);
    }
  });
});

/** `10.0.0.11=0/0 10.0.0.12=1/0` */
function boundOf({ model }: Director): string {
  return model
    .services()
    .flatMap(({ destinations }) => destinations)
    .map((server) => `${server.address}=${server.activeConnections}/${server.inactiveConnections}`)
    .sort()
    .join(' ');
}
