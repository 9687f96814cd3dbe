import { describe, expect, it } from 'vitest';
import { renderDrops } from './drops.ts';
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
