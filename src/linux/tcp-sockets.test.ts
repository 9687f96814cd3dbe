import { expect, it } from 'vitest';
import { parseListeners, parseSockets } from './tcp-sockets.ts';

const head =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n';

it('reads connections of either family, IPv4 in disguise among them', () => {
  const rows = [
    '   0: 6402 00C0:0050 FA0200C0:CA40 03 00000000:00000000 01:00000074 00000002     0        0 0 1 1 2 3 4 5'.replace(
      '6402 00C0',
      '640200C0',
    ),
    '   1: 0000000000000000FFFF0000640200C0:0050 0000000000000000FFFF0000FA0200C0:CA41 06 00000000:00000000 03:00000EA6 00000000 0 0 0 3 x',
    '   2: B80D0120010000000000000000010000:0050 B80D0120010000000000000050020000:0400 08 00013718:00000001 01:00000074 00000004 0 0 1 1 x',
  ];
  expect(parseSockets(head + rows.join('\n'))).toEqual([
    {
      ...{ state: 'SYN_RECV', unacknowledged: 0, retransmissions: 2, timerSeconds: 1.16 },
      local: { address: '192.0.2.100', port: 80 },
      peer: { address: '192.0.2.250', port: 51_776 },
    },
    {
      ...{ state: 'TIME_WAIT', unacknowledged: 0, retransmissions: 0, timerSeconds: 37.5 },
      local: { address: '192.0.2.100', port: 80 },
      peer: { address: '192.0.2.250', port: 51_777 },
    },
    {
      ...{ state: 'CLOSE_WAIT', unacknowledged: 0x13718, retransmissions: 4, timerSeconds: 1.16 },
      local: { address: '2001:db8:0:1::100', port: 80 },
      peer: { address: '2001:db8:0:1::250', port: 1024 },
    },
  ]);
});

it('reads what listens, on one address or on all', () => {
  const rows = [
    '   0: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 x',
    '   1: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 1 1 x',
    '   2: 640200C0:0050 FA0200C0:CA40 01 00000000:00000000 00:00000000 00000000 0 0 1 1 x',
  ];
  expect(parseListeners(head + rows.join('\n'), 'tcp', false)).toEqual([
    { protocol: 'tcp', isIpv6: false, address: undefined, port: 80 },
    { protocol: 'tcp', isIpv6: false, address: '127.0.0.1', port: 8080 },
  ]);
});

it('reads nothing from nothing', () => {
  expect([...parseSockets(''), ...parseListeners('', 'udp', true)]).toEqual([]);
});
