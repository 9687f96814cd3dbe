/** What the director remembers, and what the doctor makes of it. */

import { describe, expect, it } from 'vitest';
import type { Address, Port } from '../../ipvs/address.ts';
import type { ConnectionStatus } from '../../ipvs/connection.ts';
import type { DestinationStatus, ServiceStatus } from '../../ipvs/service.ts';
import type { Case } from '../finding.ts';
import type { DirectorState, DirectorView } from '../view.ts';
import { freshServer } from './fresh-server.ts';
import { fullOfFinished } from './full-of-finished.ts';
import { noConnectionState } from './no-connection-state.ts';
import { quiescedTemplate } from './quiesced-template.ts';
import { removedServer } from './removed-server.ts';
import { udpSticks } from './udp-sticks.ts';

const vip = '10.0.0.1' as Address;
const noCounters = { connections: 0, inPackets: 0, outPackets: 0, inBytes: 0, outBytes: 0 };
const noRates = {
  ...{ connectionsPerSecond: 0, inPacketsPerSecond: 0, outPacketsPerSecond: 0 },
  ...{ inBytesPerSecond: 0, outBytesPerSecond: 0 },
};

function server(last: number, more: Partial<DestinationStatus> = {}): DestinationStatus {
  return {
    ...{ address: `10.0.0.${last}` as Address, port: 80 as Port, method: 'gate', weight: 1 },
    ...{ upperThreshold: 0, lowerThreshold: 0, activeConnections: 0, inactiveConnections: 0 },
    ...{ persistentConnections: 0, counters: noCounters, rates: noRates },
    ...more,
  };
}

type AddressService = ServiceStatus & { readonly kind: 'address' };

function service(destinations: readonly DestinationStatus[], more: Partial<AddressService> = {}) {
  return {
    ...({ kind: 'address', protocol: 'tcp', address: vip, port: 80 as Port, scheduler: 'wlc' } as const),
    ...{ flags: [], persistent: 0, netmask: 0xffffffff, onePacket: false },
    ...{ counters: noCounters, rates: noRates, destinations },
    ...more,
  };
}

function view(services: readonly ServiceStatus[], more: Partial<DirectorState> = {}): DirectorView {
  const address = { address: vip, family: 4, prefix: 32, scope: 'global' } as const;
  const flags = { isTentative: false, isDuplicate: false, isDeprecated: false, isSecondary: false };
  const eth0 = { index: 2, name: 'eth0', mac: '02:00:0a:00:00:01', mtu: 1500, isUp: true, hasCarrier: true };
  return {
    kind: 'director',
    host: {
      interfaces: [{ ...eth0, kind: 'veth', addresses: [{ ...address, ...flags }] }],
      ...{ neighbours: [], routes: new Map(), setting: () => undefined },
    },
    state: { services, interfaces: [], sysctls: {}, notForwarded: {}, connections: [], ...more },
    ...{ probes: [], answerers: [] },
  } as unknown as DirectorView;
}

function commandsOf(cases: readonly Case[] | undefined): readonly string[] {
  return (cases ?? []).flatMap(({ cure }) => cure.commands);
}

describe('quiesced-template', () => {
  const quiet = server(2, { weight: 0, persistentConnections: 3 });

  it('names a server of weight 0 that persistent clients still go to', () => {
    const found = quiescedTemplate.onDirector?.(view([service([quiet], { persistent: 360 })]));
    expect(found).toMatchObject([{ host: { address: '10.0.0.2' } }]);
  });

  it('is content where templates of such servers choose anew', () => {
    const sysctls = { expire_quiescent_template: 1 };
    expect(quiescedTemplate.onDirector?.(view([service([quiet], { persistent: 360 })], { sysctls }))).toEqual(
      [],
    );
  });
});

describe('removed-server', () => {
  const entry: ConnectionStatus = {
    ...({ template: false, protocol: 'tcp', family: 4, state: 'ESTABLISHED', method: 'gate' } as const),
    expiresInSeconds: 800,
    client: { address: '10.0.0.9' as Address, port: 1024 as Port },
    virtual: { address: vip, port: 80 as Port },
    destination: { address: '10.0.0.3' as Address, port: 80 as Port },
  };

  it.each([
    ['an open connection to a server that is gone', [entry], ['10.0.0.3']],
    ['one that has ended', [{ ...entry, state: 'FIN_WAIT' } as const], []],
    [
      'one to a server that is there',
      [{ ...entry, destination: { ...entry.destination, address: '10.0.0.2' as Address } }],
      [],
    ],
    ['a template', [{ ...entry, template: true }], []],
  ])('%s', (_, connections, named) => {
    const found = removedServer.onDirector?.(view([service([server(2)])], { connections }));
    expect((found ?? []).map(({ host }) => host.address)).toEqual(named);
  });

  it('is content where such connections end', () => {
    const more = { connections: [entry], sysctls: { expire_nodest_conn: 1 } };
    expect(removedServer.onDirector?.(view([service([server(2)])], more))).toEqual([]);
  });
});

describe('udp-sticks', () => {
  const counted = (connections: number, inPackets: number) => ({ ...noCounters, connections, inPackets });
  const dns = (one: number, other: number, connections: number, more: Partial<AddressService> = {}) =>
    service([server(2, { counters: counted(1, one) }), server(3, { counters: counted(1, other) })], {
      ...{ protocol: 'udp', port: 53 as Port, scheduler: 'rr' },
      counters: counted(connections, one + other),
      ...more,
    });

  it('names the server that gets nearly all, and keeps the scheduler in its cure', () => {
    const found = udpSticks.onDirector?.(view([dns(90, 10, 2)]));
    expect(found).toMatchObject([{ host: { address: '10.0.0.2' } }]);
    expect(commandsOf(found)[0]).toBe('ipvsadm -E -u 10.0.0.1:53 -s rr -o');
  });

  it.each([
    ['shares that are even', dns(50, 50, 2)],
    ['clients that take a new port each time', dns(90, 10, 50)],
    ['a service that is scheduled by datagram', dns(90, 10, 2, { onePacket: true })],
    ['a service that is no question and answer', dns(90, 10, 2, { port: 443 as Port })],
  ])('is content with %s', (_, one) => {
    expect(udpSticks.onDirector?.(view([one]))).toEqual([]);
  });
});

describe('fresh-server', () => {
  it('names the server that has next to none', () => {
    const servers = [server(2, { activeConnections: 40 }), server(3, { activeConnections: 2 })];
    const found = freshServer.onDirector?.(view([service(servers)]));
    expect(found).toMatchObject([
      { host: { address: '10.0.0.3' }, problem: expect.stringContaining('each of the next 38 connections') },
    ]);
    expect(commandsOf(found)).toEqual(['ipvsadm -E -t 10.0.0.1:80 -s wrr']);
  });

  it.each([
    [
      'servers of small weight',
      [server(2, { activeConnections: 40, weight: 20 }), server(3, { activeConnections: 2 })],
    ],
    ['a server of weight 0', [server(2, { activeConnections: 40 }), server(3, { weight: 0 })]],
    ['a small gap', [server(2, { activeConnections: 9 }), server(3)]],
  ])('is content with %s', (_, servers) => {
    expect(freshServer.onDirector?.(view([service(servers)]))).toEqual([]);
  });
});

describe('full-of-finished', () => {
  it('names a server whose room is taken by what has ended, and keeps its settings', () => {
    const full = server(2, {
      upperThreshold: 10,
      lowerThreshold: 5,
      activeConnections: 3,
      inactiveConnections: 9,
    });
    expect(commandsOf(fullOfFinished.onDirector?.(view([service([full])])))).toEqual([
      'ipvsadm -e -t 10.0.0.1:80 -r 10.0.0.2:80 -g -w 1 -x 48 -y 5',
    ]);
  });

  it('is content with one that is full of active ones', () => {
    const busy = server(2, { upperThreshold: 10, activeConnections: 10, inactiveConnections: 9 });
    expect(fullOfFinished.onDirector?.(view([service([busy])]))).toEqual([]);
  });
});

describe('no-connection-state', () => {
  const lost = (packets: number) => ({
    notForwarded: {
      no_connection: { packets, perSecond: 0, example: { client: '10.0.0.9:1024', virtual: '10.0.0.1:80' } },
    },
  });
  const began = (connections: number) => service([server(2)], { counters: { ...noCounters, connections } });

  it('sees a director that has taken over connections', () => {
    expect(commandsOf(noConnectionState.onDirector?.(view([began(20)], lost(30))))).toEqual([
      'ipvsadm -E -t 10.0.0.1:80 -s mh',
      'fairlead sysctl -w sloppy_tcp=1',
    ]);
  });

  it('is content with strays, and where any segment may open a connection', () => {
    expect(noConnectionState.onDirector?.(view([began(1000)], lost(30)))).toEqual([]);
    const sloppy = { ...lost(30), sysctls: { sloppy_tcp: 1 } };
    expect(noConnectionState.onDirector?.(view([began(20)], sloppy))).toEqual([]);
  });
});
