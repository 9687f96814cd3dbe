import { describe, expect, it } from 'vitest';
import type { DirectorStatus } from '../api/status.ts';
import type { Address } from '../ipvs/address.ts';
import type { AddressClaim } from '../ipvs/claim.ts';
import { renderDrops } from './drops.ts';
import { renderStatus } from './status.ts';
import { readChanges } from './sysctl.ts';

const example = {
  ...{ secondsAgo: 130, protocol: 6, client: '198.51.100.7:40000', virtual: '192.0.2.1:80' },
  ...{ interface: 'eth0', bytes: 60 },
};

describe('fairlead drops', () => {
  it('shows each reason that has had a packet, with its cause and the last example', () => {
    const text = renderDrops({
      malformed: { packets: 0, perSecond: 0 },
      no_server: { packets: 1234, perSecond: 7, example },
      from_the_future: { packets: 1, perSecond: 0 },
    });
    expect(text.split('\n')).toEqual([
      'REASON           PACKETS  PER SECOND  FATE                       CAUSE',
      'no_server           1234           7  dropped; port unreachable  no real server may have it',
      '  last: tcp 198.51.100.7:40000 > 192.0.2.1:80, 60 bytes on eth0, 2 min ago',
      'from_the_future        1           0',
      '',
    ]);
  });

  it('says so where there is none', () => {
    expect(renderDrops({ no_server: { packets: 0, perSecond: 0 } })).toMatch(/^nothing: .*\n$/);
  });
});

describe('fairlead status', () => {
  const status: DirectorStatus = {
    configuration: '"x"',
    ...{ version: '1.2.3', pid: 4, namespace: 5, services: 6, markRules: 7 },
    object: 'ab12',
    isSupervised: false,
    interfaces: [{ index: 2, name: 'eth0', mode: 'tc', hooks: ['tc'] }],
    sysctls: {},
    connections: { count: 8, limit: 9, halfOpen: 1, halfOpenLimit: 2, stateless: false },
    notForwarded: { no_server: { packets: 0, perSecond: 0 } },
    claims: [],
  };

  const claim: AddressClaim = {
    ...{ vip: '192.0.2.1' as Address, mac: '02:00:00:00:00:01', interface: 'eth0', kinds: ['question'] },
    ...{ count: 4, firstSecondsAgo: 90, lastSecondsAgo: 5 },
  };

  it('is a few lines where all is well', () => {
    expect(renderStatus(status).split('\n')).toEqual([
      'Fairlead 1.2.3, director of network namespace 5, process 4',
      'Interfaces',
      '  eth0            tc      forced: tc',
      'Services 6, mark rules 7',
      'Connections 8 of at most 9, half-open 1 of at most 2',
      'Not forwarded: nothing',
      '',
    ]);
  });

  it('says what is out of the ordinary', () => {
    const text = renderStatus({
      ...status,
      sysctls: { drop_entry: 2 },
      connections: { ...status.connections, stateless: true },
      notForwarded: { table_full: { packets: 3, perSecond: 1 } },
      claims: [claim],
    });
    expect(text).toContain('without an entry');
    expect(text).toContain('not at their default: drop_entry=2\n');
    expect(text).toContain('  table_full         3\n');
    expect(text).toContain(
      '  192.0.2.1 by 02:00:00:00:00:01 on eth0: question; 4 in all, the last 5 s ago\n',
    );
  });
});

describe('what fairlead sysctl -w is to change', () => {
  it('is read with and without the prefix of the kernel', () => {
    expect(readChanges(['net.ipv4.vs.drop_entry=1', 'pmtu_disc=0', 'net/ipv4/vs/am_droprate = 5'])).toEqual({
      ...{ drop_entry: 1, pmtu_disc: 0, am_droprate: 5 },
    });
  });

  it.each([
    [[], 'nothing to change: say name=value'],
    [['drop_entry'], 'drop_entry is not name=value'],
    [['drop_entry=on'], 'drop_entry=on is not name=value'],
    [['drop_entry=1.5'], 'drop_entry=1.5 is not name=value'],
  ])('is not %j', (words, problem) => {
    expect(readChanges(words)).toBe(problem);
  });

  it('is refused for a name that does not exist', () => {
    expect(() => readChanges(['net.ipv4.ip_forward=1'])).toThrow('No such setting: net.ipv4.ip_forward');
  });
});
