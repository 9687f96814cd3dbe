import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenHosts, goldenNames } from '../../test/golden/subset.ts';
import type { Command } from './command.ts';
import { flags } from './options.ts';
import { asksForText, parse } from './parse.ts';

const names = goldenNames(goldenHosts);
const read = (line: string) => parse(line === '' ? [] : line.split(' '), names);
const service = { kind: 'address', protocol: 'tcp', address: '10.0.0.100', port: 80 };
const settings = { scheduler: 'wlc', flags: [], persistent: 0, netmask: 0xffffffff, onePacket: false };
const mark = { kind: 'mark', mark: 7, family: 4 };
const list = { kind: 'list-services', view: 'default', numeric: false, exact: false, sort: true };

describe('a command line', () => {
  it.each<[string, object]>([
    [
      '-A -t 10.0.0.100:80 -s rr',
      { kind: 'add-service', service: { ...service, ...settings, scheduler: 'rr' } },
    ],
    ['-A -t 10.0.0.100:80', { kind: 'add-service', service: { ...service, ...settings } }],
    [
      '-E -u localhost:53 -o',
      {
        kind: 'edit-service',
        service: {
          ...{ kind: 'address', protocol: 'udp', address: '127.0.0.1', port: 53 },
          ...settings,
          onePacket: true,
        },
      },
    ],
    [
      '-A -t 10.0.0.100:80 -s a-name-of-twenty-six',
      { kind: 'add-service', service: { ...service, ...settings, scheduler: 'a-name-of-twent' } },
    ],
    [
      '-A -t 10.0.0.100 -p -M 255.255.255.0 --pe sip',
      {
        kind: 'add-service',
        service: { ...service, ...settings, port: 0, persistent: 360, netmask: 0xffffff00, engine: 'sip' },
      },
    ],
    [
      '-A -t [fd00::1]:80 -p 30 -M 64',
      {
        kind: 'add-service',
        service: { ...service, address: 'fd00::1', ...settings, persistent: 30, netmask: 64 },
      },
    ],
    ['-A -f 7', { kind: 'add-service', service: { ...mark, ...settings } }],
    ['-A -f 7 -6', { kind: 'add-service', service: { ...mark, family: 6, ...settings, netmask: 128 } }],
    ['-D -f 7 -6', { kind: 'delete-service', service: { ...mark, family: 6 } }],
    ['-D -t 10.0.0.100:80', { kind: 'delete-service', service }],
    ['-D -t 10.0.0.100', { kind: 'delete-service', service: { ...service, port: 0 } }],
    ['-C', { kind: 'flush' }],
    ['--set 0 7 010', { kind: 'set-timeouts', timeouts: { tcp: 0, tcpFin: 7, udp: 10 } }],
    ['-Ln --timeout', { kind: 'list-timeouts' }],
    ['-Z', { kind: 'zero', service: undefined }],
    ['-Z -t 10.0.0.100:80', { kind: 'zero', service }],
    ['', { ...list, service: undefined }],
    ['-l', { ...list, service: undefined }],
    ['-Lnt 10.0.0.100:80 --nosort', { ...list, service, numeric: true, sort: false }],
    ['-L --rate -X', { ...list, service: undefined, view: 'rate', exact: true }],
    ['-L --rate --stats', { ...list, service: undefined, view: 'stats' }],
    ['-L --tun-info --persistent-conn', { ...list, service: undefined, view: 'persistent' }],
    ['-L --tun-info', { ...list, service: undefined, view: 'tunnels' }],
    ['-L --thresholds -n', { ...list, service: undefined, view: 'thresholds', numeric: true }],
    ['-Lcn', { kind: 'list-connections', numeric: true, engineData: false }],
    ['-Lc -X --nosort', { kind: 'list-connections', numeric: false, engineData: false }],
    ['-Lc --persistent-conn', { kind: 'list-connections', numeric: false, engineData: true }],
    ['-L --daemon', { kind: 'list-daemons' }],
    ['-S', { kind: 'save', numeric: false }],
    ['-Sn', { kind: 'save', numeric: true }],
    ['-R', { kind: 'restore' }],
    ['-h --bogus', { kind: 'help' }],
    ['-vL', { kind: 'version' }],
  ])('`%s` is understood', async (line, command) => {
    expect(await read(line)).toEqual(command);
  });

  const server = (part: object) => ({
    ...{ address: '10.0.0.11', port: 80, method: 'gate', weight: 1, upperThreshold: 0, lowerThreshold: 0 },
    ...part,
  });

  it.each<[string, object]>([
    ['-a -t 10.0.0.100:80 -r 10.0.0.11', { kind: 'add-server', service, destination: server({}) }],
    ['-a -t 10.0.0.100:80 -r 10.0.0.11:8080 -g', { kind: 'add-server', service, destination: server({}) }],
    [
      '-e -r 10.0.0.11:81 -w 0 -t 10.0.0.100:80',
      { kind: 'edit-server', service, destination: server({ weight: 0 }) },
    ],
    [
      '-a -t 10.0.0.100:80 -r 10.0.0.11:8080 -i --tun-type gue --tun-port 6080 --tun-csum',
      {
        ...{ kind: 'add-server', service },
        destination: server({ method: 'ipip', tunnel: { type: 'gue', port: 6080, checksum: 'csum' } }),
      },
    ],
    [
      '-d -t 10.0.0.100:80 -r 10.0.0.11',
      { kind: 'delete-server', service, destination: { address: '10.0.0.11', port: 80 } },
    ],
    [
      '-d -t 10.0.0.100:80 -r 10.0.0.11:81',
      { kind: 'delete-server', service, destination: { address: '10.0.0.11', port: 81 } },
    ],
  ])('`%s` takes the port of the service where routing and tunnels leave no other', async (line, command) => {
    expect(await read(line)).toEqual(command);
  });

  it.each<[string, object]>([
    [
      '-a -t 10.0.0.100:80 -r 10.0.0.11:8080 -m -x 9 -y 3',
      {
        ...{ kind: 'add-server', service },
        destination: server({ method: 'masq', port: 8080, upperThreshold: 9, lowerThreshold: 3 }),
      },
    ],
    [
      '-a -t 10.0.0.100:80 -r 10.0.0.11 -m',
      { kind: 'add-server', service, destination: server({ method: 'masq' }) },
    ],
    ['-a -f 7 -r 10.0.0.11:80', { kind: 'add-server', service: mark, destination: server({}) }],
    ['-a -f 7 -r 10.0.0.11', { kind: 'add-server', service: mark, destination: server({ port: 0 }) }],
  ])('`%s` keeps the port where one can be kept', async (line, command) => {
    expect(await read(line)).toEqual(command);
  });
});

describe('a sync daemon', () => {
  it.each<[string, Command]>([
    [
      '--start-daemon master',
      { kind: 'start-daemon', daemon: { role: 'master', interface: 'eth0', syncId: 0 } },
    ],
    [
      '--start-daemon backup --mcast-interface averyverylongname --syncid 5 --mcast-ttl 3',
      { kind: 'start-daemon', daemon: { role: 'backup', interface: 'averyverylongna', syncId: 5, ttl: 3 } },
    ],
    ['--stop-daemon backup --syncid 5', { kind: 'stop-daemon', role: 'backup' }],
  ])('`%s`', async (line, command) => {
    expect(await read(line)).toEqual(command);
  });

  it.each([
    ['--start-daemon master -n', "Illegal 'numeric' option with the 'start-daemon' command"],
    ['--start-daemon bogus', 'illegal start-daemon parameter specified'],
    ['--set 1 2', '--set option requires 3 timeout values'],
  ])('with a mistake: `%s`', async (line, message) => {
    expect(await read(line)).toEqual({ kind: 'error', message, code: 2 });
  });
});

it.each([
  ['-h', true],
  ['foo -v', true],
  ['-L -h', false],
  ['--bogus -h', false],
  ['', false],
])('`%s` asks for nothing but text: %s', (line, expected) => {
  expect(asksForText(line.split(' '))).toBe(expected);
});

it('any words at all make a command or one line and an exit code', async () => {
  const word = fc.oneof(
    fc.constantFrom(...flags.flatMap(({ long, short }) => [`--${long}`, short ? `-${short}` : '-n'])),
    fc.constantFrom('10.0.0.1:80', '[::1]:80', '5', '', '-', '--', 'localhost', '-Ln', '-At'),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(word, { maxLength: 8 }), async (argv) => {
      const command: Command | Awaited<ReturnType<typeof parse>> = await parse(argv, names);
      if (command.kind !== 'error') return;
      expect(command.message).not.toBe('');
      expect([2, 255]).toContain(command.code);
    }),
  );
});
