import { describe, expect, it } from 'vitest';
import type { Address } from '../../ipvs/address.ts';
import type { ServiceConfiguration, ServiceStatus } from '../../ipvs/service.ts';
import { parseServiceKeyText } from '../../ipvs/service.ts';
import { type Load, loadOf, loadText } from './load.ts';
import { membersOf, parseRealServer, servicesNamed } from './members.ts';
import { waitUntilIdle } from './wait.ts';

function service(key: string, ...servers: readonly { readonly address: string; readonly port?: number }[]) {
  return {
    ...parseServiceKeyText(key),
    destinations: servers.map((server) => ({ port: 80, weight: 1, ...server })),
  } as unknown as ServiceConfiguration;
}

const web = service('tcp:192.0.2.10:80', { address: '10.0.0.11' }, { address: '10.0.0.12' });
const api = service('tcp:192.0.2.10:8080', { address: '10.0.0.11', port: 8080 });
const marked = service('mark:7', { address: '10.0.0.11', port: 0 });
const all = [web, api, marked];
const names = new Map([
  ['tcp:192.0.2.10:80', 'web'],
  ['mark:7', 'web'],
]);

describe('a real server', () => {
  const named = (text: string, ...wanted: readonly string[]) => {
    const server = parseRealServer(text);
    if (!server) throw new Error(text);
    return membersOf(servicesNamed(all, wanted, names), server).map(
      ({ service: key, server: { port } }) => `${key.kind === 'mark' ? 'mark' : key.port} ${port}`,
    );
  };

  it('is meant wherever it is, on whatever port', () => {
    expect(named('10.0.0.11')).toEqual(['80 80', '8080 8080', 'mark 0']);
    expect(named('10.0.0.11:8080')).toEqual(['8080 8080']);
    expect(named('10.0.0.12')).toEqual(['80 80']);
    expect(named('10.0.0.13')).toEqual([]);
  });

  it('is meant in the services that are named, with their protocol or without', () => {
    expect(named('10.0.0.11', 'tcp:192.0.2.10:80')).toEqual(['80 80']);
    expect(named('10.0.0.11', '192.0.2.10:8080', 'mark:7')).toEqual(['8080 8080', 'mark 0']);
  });

  it('is meant in all services that have a name of the configuration', () => {
    expect(named('10.0.0.11', 'web')).toEqual(['80 80', 'mark 0']);
  });

  it.each(['udp:192.0.2.10:80', 'wep'])('is meant nowhere if one of the services, %j, is none', (text) => {
    expect(() => named('10.0.0.11', 'web', text)).toThrow(`No such service: ${text}`);
  });

  it.each(['', '10.0.0', '10.0.0.11:', 'web1', '10.0.0.11:99999'])('is not %j', (text) => {
    expect(parseRealServer(text)).toBeUndefined();
  });
});

describe('what a real server still has to do', () => {
  const counted = (key: string, active: number, inactive: number, persistent = 0): ServiceStatus =>
    ({
      ...parseServiceKeyText(key),
      destinations: [
        {
          ...{ address: '10.0.0.11' as Address, port: 80 },
          ...{ activeConnections: active, inactiveConnections: inactive, persistentConnections: persistent },
        },
      ],
    }) as unknown as ServiceStatus;
  const loads = (...services: readonly ServiceStatus[]): Load =>
    loadOf(services, membersOf(services, { address: '10.0.0.11' as Address }));

  it('is what is active, of TCP, and everything there is, of UDP and of marks', () => {
    expect(loads(counted('tcp:192.0.2.10:80', 3, 5, 2))).toEqual({ open: 3, waiting: 5, persistent: 2 });
    expect(loads(counted('udp:192.0.2.10:53', 0, 5))).toEqual({ open: 5, waiting: 0, persistent: 0 });
    expect(loads(counted('tcp:192.0.2.10:80', 1, 1), counted('mark:7', 2, 1))).toEqual({
      ...{ open: 4, waiting: 1, persistent: 0 },
    });
  });

  it('is said in a few words', () => {
    expect(loadText({ open: 1, waiting: 0, persistent: 0 })).toBe('1 connection');
    expect(loadText({ open: 2, waiting: 3, persistent: 1 })).toBe(
      '2 connections, 3 that have ended wait out their time, 1 client bound by persistence',
    );
  });
});

describe('waiting for a real server', () => {
  /** One connection less each time. */
  async function wait(connections: number, deadlineMs?: number) {
    let [time, open] = [0, connections + 1];
    const shown: string[] = [];
    const waited = await waitUntilIdle(
      {
        ask: () => Promise.resolve({ open: --open, waiting: 0, persistent: 0 }),
        now: () => time,
        sleep: (pause) => {
          time += pause;
          return Promise.resolve();
        },
        progress: (load, elapsed) => shown.push(`${elapsed}: ${load.open}`),
      },
      deadlineMs,
    );
    return { waited, shown };
  }

  it('ends when nothing is open, and shows how it gets there', async () => {
    const { waited, shown } = await wait(2);
    expect(waited).toMatchObject({ isIdle: true, elapsedMs: 2000 });
    expect(shown).toEqual(['0: 2', '1000: 1', '2000: 0']);
  });

  it('ends with the deadline', async () => {
    const { waited, shown } = await wait(9, 1500);
    expect(waited).toMatchObject({ isIdle: false, elapsedMs: 1500, load: { open: 7 } });
    expect(shown.length).toBe(3);
  });

  it('does not begin where there is nothing', async () => {
    expect((await wait(0)).waited).toMatchObject({ isIdle: true, elapsedMs: 0 });
  });
});
