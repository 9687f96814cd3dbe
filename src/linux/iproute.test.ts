import { expect, it } from 'vitest';
import { parseInterfaces, parseNeighbours, parseRoutes } from './iproute.ts';

it('reads interfaces with their addresses, and leaves out what a filter of iproute2 has emptied', () => {
  const text = `[{},{"ifindex":2,"ifname":"eth0","flags":["BROADCAST","MULTICAST","UP","LOWER_UP"],"mtu":1500,
    "linkinfo":{"info_kind":"veth"},"link_type":"ether","address":"02:00:ac:19:8a:01","addr_info":[
    {"family":"inet","local":"172.25.138.1","prefixlen":24,"scope":"global"},
    {"family":"inet6","local":"2001:db8::1","prefixlen":128,"scope":"global","tentative":true,"dadfailed":true}]}]`;
  const usual = {
    isTentative: false,
    isDuplicate: false,
    isDeprecated: false,
    isSecondary: false,
    isDynamic: false,
  };
  expect(parseInterfaces(text)).toEqual([
    {
      ...{
        index: 2,
        name: 'eth0',
        mac: '02:00:ac:19:8a:01',
        mtu: 1500,
        kind: 'veth',
        isUp: true,
        hasCarrier: true,
      },
      addresses: [
        { address: '172.25.138.1', family: 4, prefix: 24, scope: 'global', ...usual },
        {
          ...{ address: '2001:db8::1', family: 6, prefix: 128, scope: 'global' },
          ...{
            isTentative: true,
            isDuplicate: true,
            isDeprecated: false,
            isSecondary: false,
            isDynamic: false,
          },
        },
      ],
    },
  ]);
});

it('reads neighbours, resolved and not', () => {
  const text = `[{"dst":"172.25.138.2","dev":"eth0","lladdr":"02:00:ac:19:8a:02","state":["STALE"]},
    {"dst":"172.25.138.9","dev":"eth0","state":["FAILED"]}]`;
  expect(parseNeighbours(text)).toEqual([
    { address: '172.25.138.2', interface: 'eth0', mac: '02:00:ac:19:8a:02', state: 'STALE' },
    { address: '172.25.138.9', interface: 'eth0', mac: undefined, state: 'FAILED' },
  ]);
});

it('reads the routes of a batch, one list after the other', () => {
  const text = `[{"dst":"172.25.138.2","dev":"eth0","prefsrc":"172.25.138.1","flags":[],"uid":0,"cache":[]}]
[{"type":"local","dst":"172.25.138.1","dev":"lo","prefsrc":"172.25.138.1","cache":["local"]}]
[{"dst":"10.9.9.9","gateway":"172.25.138.254","dev":"eth0","cache":["redirected"],"metrics":[{"mtu":1400}]}]`;
  const usual = { mtu: undefined, isRedirected: false, gateway: undefined };
  expect(parseRoutes(text)).toEqual([
    { destination: '172.25.138.2', type: 'unicast', interface: 'eth0', source: '172.25.138.1', ...usual },
    { destination: '172.25.138.1', type: 'local', interface: 'lo', source: '172.25.138.1', ...usual },
    {
      ...{ destination: '10.9.9.9', type: 'unicast', interface: 'eth0', source: undefined },
      ...{ gateway: '172.25.138.254', mtu: 1400, isRedirected: true },
    },
  ]);
});
