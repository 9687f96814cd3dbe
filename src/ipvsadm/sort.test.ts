import { describe, expect, it } from 'vitest';
import { parseIpv4, parsePort } from '../ipvs/address.ts';
import {
  type DestinationKey,
  parseServiceKeyText,
  type ServiceKey,
  serviceKeyText,
} from '../ipvs/service.ts';
import { sortDestinations, sortServices } from './sort.ts';

function endpoint(text: string): DestinationKey {
  const [host = '', portText = '80'] = text.split(':');
  const [address, port] = [parseIpv4(host), parsePort(portText)];
  if (address === undefined || port === undefined) throw new Error(text);
  return { address, port };
}

const sorted = (...texts: string[]) =>
  sortDestinations(texts.map(endpoint)).map(({ address, port }) =>
    port === 80 ? address : `${address}:${port}`,
  );

describe('real servers', () => {
  it.each([
    [
      ['10.0.0.2', '10.0.0.1'],
      ['10.0.0.1', '10.0.0.2'],
    ],
    [
      ['10.0.0.1:81', '10.0.0.1:65535', '10.0.0.1'],
      ['10.0.0.1', '10.0.0.1:81', '10.0.0.1:65535'],
    ],
    [
      ['10.0.0.1', '240.0.0.1'],
      ['240.0.0.1', '10.0.0.1'],
    ],
    // As recorded: differences of more than half the address range go round in circles.
    [
      ['172.16.0.1', '10.0.0.3', '192.168.0.2', '127.0.0.1'],
      ['127.0.0.1', '172.16.0.1', '192.168.0.2', '10.0.0.3'],
    ],
    [
      ['192.168.0.2', '127.0.0.1', '10.0.0.3'],
      ['192.168.0.2', '10.0.0.3', '127.0.0.1'],
    ],
    [
      ['10.0.0.3', '127.0.0.1', '192.168.0.2'],
      ['10.0.0.3', '127.0.0.1', '192.168.0.2'],
    ],
  ])('%j are listed as %j', (given, expected) => {
    expect(sorted(...given)).toEqual(expected);
  });
});

it('services are listed without marks first, then by family, protocol, address and port', () => {
  const listed = [
    'mark6:4294967295',
    'tcp:224.0.0.5:80',
    'tcp:10.0.0.1:80',
    'tcp:10.0.0.1:443',
    'tcp:10.0.0.2:80',
    'udp:10.0.0.1:53',
    'sctp:10.0.0.1:9',
    'tcp:[fd00::1]:80',
    'tcp:[2001:db8::ffff:0:0:1]:80',
    'tcp:[2001:db8::1]:80',
    'udp:[fd00::1]:53',
    'mark:7',
    'mark6:7',
    'mark:8',
  ];
  expect(order([...listed].reverse())).toEqual(listed);
});

it('a mark of 2^31 is below none and none below it: then services by address come first', () => {
  const listed = ['udp:[fd00::100]:8080', 'mark:2147483648'];
  expect(order([...listed].reverse())).toEqual(listed);
});

function order(texts: readonly string[]): readonly string[] {
  const services = texts.map((text): ServiceKey => {
    const key = parseServiceKeyText(text);
    if (!key) throw new Error(text);
    return key;
  });
  return sortServices(services).map(serviceKeyText);
}
