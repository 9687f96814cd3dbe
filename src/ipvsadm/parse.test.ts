import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { goldenHosts, goldenNames } from '../../test/golden/subset.ts';
import type { Command } from './command.ts';
import { flags } from './options.ts';
import { asksForText, parse } from './parse.ts';

const names = goldenNames(goldenHosts);
const read = (line: string) => parse(line === '' ? [] : line.split(' '), names);
const service = { protocol: 'tcp', address: '10.0.0.100', port: 80 };
const list = { kind: 'list-services', view: 'default', numeric: false, exact: false, sort: true };

describe('a command line', () => {
  it.each<[string, object]>([
    [
      '-A -t 10.0.0.100:80 -s rr',
      { kind: 'add-service', service: { ...service, scheduler: 'rr', flags: [] } },
    ],
    ['-A -t 10.0.0.100:80', { kind: 'add-service', service: { ...service, scheduler: 'wlc', flags: [] } }],
    [
      '-E -u localhost:53',
      {
        kind: 'edit-service',
        service: { protocol: 'udp', address: '127.0.0.1', port: 53, scheduler: 'wlc', flags: [] },
      },
    ],
    [
      '-A -t 10.0.0.100:80 -s a-name-of-twenty-six',
      { kind: 'add-service', service: { ...service, scheduler: 'a-name-of-twent', flags: [] } },
    ],
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
    ['-Lcn', { kind: 'list-connections', numeric: true }],
    ['-Lc -X --nosort', { kind: 'list-connections', numeric: false }],
    ['-h --bogus', { kind: 'help' }],
    ['-vL', { kind: 'version' }],
  ])('`%s` is understood', async (line, command) => {
    expect(await read(line)).toEqual(command);
  });

  const server = (port: number, weight: number) => ({ address: '10.0.0.11', port, method: 'gate', weight });

  it.each<[string, object]>([
    ['-a -t 10.0.0.100:80 -r 10.0.0.11', { kind: 'add-server', service, destination: server(80, 1) }],
    ['-a -t 10.0.0.100:80 -r 10.0.0.11:8080 -g', { kind: 'add-server', service, destination: server(80, 1) }],
    [
      '-e -r 10.0.0.11:81 -w 0 -t 10.0.0.100:80',
      { kind: 'edit-server', service, destination: server(80, 0) },
    ],
    [
      '-d -t 10.0.0.100:80 -r 10.0.0.11',
      { kind: 'delete-server', service, destination: { address: '10.0.0.11', port: 80 } },
    ],
    [
      '-d -t 10.0.0.100:80 -r 10.0.0.11:81',
      { kind: 'delete-server', service, destination: { address: '10.0.0.11', port: 81 } },
    ],
  ])('`%s` takes the port of the service where direct routing leaves no other', async (line, command) => {
    expect(await read(line)).toEqual(command);
  });
});

describe('a capability that comes later is refused by name', () => {
  it.each([
    ['-A -t 10.0.0.100:80 -p', "option 'persistent'"],
    ['-A -t 10.0.0.100:0 -p 30', "option 'persistent'"],
    ['-A -f 1', "option 'fwmark-service'"],
    ['-A --sctp-service 10.0.0.1:80', "option 'sctp-service'"],
    ['-A -t [fd00::1]:80', 'an IPv6 address'],
    ['-a -t 10.0.0.100:80 -r [fd00::1]:80', 'an IPv6 address'],
    ['-a -t 10.0.0.100:80 -r 10.0.0.11 -m', "option 'masquerading'"],
    ['-Ln --thresholds', "option 'thresholds'"],
    ['-S -n', "command 'save'"],
    ['-R', "command 'restore'"],
    ['--start-daemon master', "command 'start-daemon'"],
  ])('`%s`: %s', async (line, what) => {
    const message = `${what} is not supported by this version of Fairlead`;
    expect(await read(line)).toEqual({ kind: 'error', message, code: 2, unsupported: true });
  });

  it.each([
    ['-A -t 10.0.0.100:80 -x 5', "Illegal 'u-threshold' option with the 'add-service' command"],
    ['-A -f 0', "invalid fwmark value `0' specified"],
    ['--set 1 2', '--set option requires 3 timeout values'],
  ])('but a mistake comes first: `%s`', async (line, message) => {
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
