import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ruleWords } from '../../ipvs/mark-rule-words.ts';
import { divided, readIptables } from './iptables.ts';
import { type Hook, importHooks } from './netfilter.ts';
import { readNft, ruleTexts } from './nft.ts';

const recorded = (name: string) =>
  readFileSync(new URL(`../../../test/golden/netfilter/${name}`, import.meta.url), 'utf8');

/** In words: the rules as `fairlead mark add` would be told, and what was left out, the rule's end alone. */
function imported(...hooks: readonly (Hook | undefined)[]) {
  const { rules, left } = importHooks(hooks.filter((hook) => hook !== undefined));
  return {
    rules: rules.map((rule) => ruleWords(rule).join(' ')),
    left: left.map(({ text, reason }) => [text, reason]),
  };
}

const table = (...rules: readonly string[]) =>
  `*mangle\n:PREROUTING ACCEPT [0:0]\n:LVS - [0:0]\n${rules.map((rule) => `-A ${rule}\n`).join('')}COMMIT\n`;
const iptables = (...rules: readonly string[]) => imported(readIptables(table(...rules), 4));

describe('the rules of iptables', () => {
  it.each(['iptables-nft.txt', 'iptables-legacy.txt'])('as recorded in %s are taken over', (name) => {
    expect(imported(readIptables(recorded(name), 4)).rules).toEqual([
      '7 --destination 192.0.2.0/24 --protocol tcp --ports 80',
      '8 --destination 192.0.2.1 --protocol tcp --ports 80',
      '8 --destination 192.0.2.1 --protocol tcp --ports 443',
      '8 --destination 192.0.2.1 --protocol tcp --ports 8000:8080',
      '0x10/0xf0 --destination 192.0.2.2 --source 198.51.100.0/24 --in eth0',
      '0x4/0x4 --destination 192.0.2.3 --protocol udp --source-ports 53',
      '0x0/0xfffffff0 --destination 192.0.2.3 --protocol udp --source-ports 53',
      '0x0/0xfffffff0 --destination 192.0.2.3 --protocol udp --source-ports 5353',
      '0x1/0x0 --destination 192.0.2.4 --protocol sctp --ports 9',
      '0x1/0x1 --destination 192.0.2.5 --protocol tcp --ports 1024:65535',
      '9 --destination 192.0.2.5 --protocol tcp --ports 5060:5061',
      '9 --destination 192.0.2.5 --protocol tcp --source-ports 5060:5061',
      '20 --destination 203.0.113.0/24 --protocol tcp --ports 80',
      '21 --destination 203.0.113.0/24 --protocol tcp --in eth1',
      '22 --destination 203.0.113.0/24 --protocol tcp --ports 81',
      '30 --destination 203.0.114.0/24',
      '0x0/0x0 --destination 203.0.114.0/24 --final',
      '0x0/0x0 --source 198.51.100.9 --final',
      '32 --ipv4 --protocol udp --ports 5000:5010',
    ]);
  });

  it('that have no counterpart are named, each with its reason', () => {
    const { left } = imported(readIptables(recorded('iptables-nft.txt'), 4));
    expect(left.map(([, reason]) => reason)).toEqual([
      'has no counterpart to !',
      'has no counterpart to !',
      'has no counterpart to -m conntrack',
      'is about icmp; Fairlead directs TCP, UDP and SCTP',
      'has no counterpart to an interface by the beginning of its name',
      'has no counterpart to --tcp-flags',
      'has no counterpart to -j CONNMARK',
      'has no counterpart to -m mark',
      'leaves a chain that another one led to; a mark rule can only end the walk',
      'drops packets, which Fairlead sees before netfilter does',
      'has no counterpart to -d 10.0.0.0/255.0.255.0',
    ]);
    expect(left[8]?.[0]).toBe('-A LVS -s 198.51.100.7/32 -j RETURN');
  });

  it('of IPv6 likewise', () => {
    expect(imported(readIptables(recorded('ip6tables-nft.txt'), 6))).toEqual({
      rules: [
        '7 --destination 2001:db8::/64 --protocol tcp --ports 80',
        '8 --destination 2001:db8::1 --protocol udp --ports 53 --in eth0',
        '8 --destination 2001:db8::1 --protocol udp --ports 853 --in eth0',
      ],
      left: [
        [
          '-A PREROUTING -d 2001:db8::2/128 -m rt --rt-type 0 -j MARK --set-xmark 0x9/0xffffffff',
          'has no counterpart to -m rt',
        ],
      ],
    });
  });

  it('are none where there is no table mangle', () => {
    expect(readIptables('*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n', 4)).toBeUndefined();
  });

  it.each([
    ['--set-mark 0x10/0xf0', '0x10/0xf0'],
    ['--set-mark 0x10', '16'],
    ['--set-xmark 0x1f/0x10', '0x1f/0x10'],
    ['--and-mark 0xf', '0x0/0xfffffff0'],
    ['--or-mark 0x4', '0x4/0x4'],
    ['--xor-mark 0x4', '0x4/0x0'],
  ])('of MARK %s change the mark by %s', (option, mark) => {
    expect(iptables(`PREROUTING -d 192.0.2.1/32 -j MARK ${option}`).rules).toEqual([
      `${mark} --destination 192.0.2.1`,
    ]);
  });

  it('that only narrow what led to them keep what both say', () => {
    const { rules } = iptables(
      'PREROUTING -d 192.0.2.0/24 -p tcp -m multiport --dports 80:90,443 -j LVS',
      'LVS -d 192.0.2.7/32 -p tcp -m tcp --dport 85:500 -j MARK --set-xmark 0x1/0xffffffff',
      'LVS -p udp -j MARK --set-xmark 0x2/0xffffffff',
      'LVS -j RETURN',
      'LVS -j MARK --set-xmark 0x3/0xffffffff',
    );
    expect(rules).toEqual([
      '1 --destination 192.0.2.7 --protocol tcp --ports 85:90',
      '1 --destination 192.0.2.7 --protocol tcp --ports 443',
    ]);
  });

  it('are left out where a packet could be changed twice', () => {
    const ports = 'PREROUTING -p tcp -m multiport --ports 80,81 -j MARK --set-xmark';
    expect(iptables(`${ports} 0x1/0x0`).left).toHaveLength(1);
    expect(iptables(`${ports} 0x1/0x1`).left).toHaveLength(0);
    expect(iptables('PREROUTING -j LVS', 'LVS -j LVS').left).toEqual([]);
    const circle = iptables('PREROUTING -j LVS', 'LVS -j MARK --set-mark 1', 'LVS -j LVS');
    expect(circle.left).toEqual([['-A LVS -j LVS', 'leads in a circle']]);
  });

  it('that have nothing to do with marks are not spoken of', () => {
    expect(iptables('PREROUTING -d 192.0.2.99/32 -j TTL --ttl-set 5', 'PREROUTING -j LVS')).toEqual({
      rules: [],
      left: [],
    });
  });

  it('are divided into words as iptables-save quotes them', () => {
    expect(divided('-m comment --comment "a \\"b\\" -j DROP" -j MARK')).toEqual([
      ...['-m', 'comment', '--comment', 'a "b" -j DROP', '-j', 'MARK'],
    ]);
  });
});

describe('the rules of nft', () => {
  const hooks = readNft(recorded('nft.json'), {
    texts: ruleTexts(recorded('nft.txt')),
    withoutIptables: true,
  });

  it('as recorded are taken over, in the order of their hooks', () => {
    expect(imported(...hooks).rules).toEqual([
      '40 --ipv4 --protocol tcp --ports 443',
      '40 --ipv6 --protocol tcp --ports 443',
      '41 --destination 2001:db8::/64 --protocol tcp --ports 80',
      '42 --ipv4 --protocol udp --ports 53',
      '43 --destination 2001:db8::9 --protocol udp',
      '7 --destination 192.0.2.0/24 --protocol tcp --ports 80',
      '8 --destination 192.0.2.1 --protocol tcp --ports 80',
      '8 --destination 192.0.2.1 --protocol tcp --ports 443',
      '8 --destination 192.0.2.1 --protocol tcp --ports 8000:8080',
      '0x10/0xf0 --destination 192.0.2.2 --source 198.51.100.0/24 --in eth0',
      '0x4/0x4 --destination 192.0.2.3 --protocol udp --source-ports 53',
      '0x0/0xfffffff0 --destination 192.0.2.3 --protocol udp --source-ports 53',
      '0x0/0xfffffff0 --destination 192.0.2.3 --protocol udp --source-ports 5353',
      '0x1/0x0 --destination 192.0.2.4 --protocol sctp --ports 9',
      '11 --destination 192.0.2.10 --protocol tcp',
      '11 --destination 192.0.2.11 --protocol tcp',
      '12 --destination 192.0.2.12 --protocol tcp --ports 53 --final',
      '12 --destination 192.0.2.12 --protocol udp --ports 53 --final',
      '20 --destination 203.0.113.0/24 --protocol tcp --ports 80',
      '22 --destination 203.0.113.0/24 --protocol tcp --ports 81',
      '0x0/0x0 --source 198.51.100.9 --final',
      '18 --ipv4 --in lo',
      '20 --ipv4',
    ]);
  });

  it('that have no counterpart are named in the words of nft', () => {
    expect(imported(...hooks).left).toEqual([
      [
        'ip lvs pre: ip daddr != 192.0.2.13 tcp dport 80 meta mark set 0x0000000d',
        'has no counterpart to ip daddr !=',
      ],
      ['ip lvs pre: ip daddr @vips meta mark set 0x0000000e', 'has no counterpart to ip daddr from a set'],
      [
        'ip lvs pre: ip daddr 192.0.2.14-192.0.2.19 meta mark set 0x0000000f',
        'has no counterpart to ip daddr {"range":["192.0.2.14","192.0.2.19"]}',
      ],
      [
        'ip lvs pre: ct state new ip daddr 192.0.2.15 meta mark set 0x00000010',
        'has no counterpart to ct state in',
      ],
      [
        'ip lvs pre: ip daddr 192.0.2.16 meta mark set tcp dport map { 80 : 0x00000001, 443 : 0x00000002 }',
        'sets a mark that depends on more than the mark',
      ],
      ['ip lvs pre: tcp dport vmap { 8080 : jump web, 8081 : drop }', 'has no counterpart to vmap'],
      [
        'ip lvs web: iifname "eth1" meta mark set 0x00000015 return',
        'leaves a chain that another one led to; a mark rule can only end the walk',
      ],
      [
        'ip lvs pre: ip daddr 192.0.2.17 limit rate 10/second meta mark set 0x00000011',
        'has no counterpart to limit',
      ],
      ['ip lvs pre: ip daddr 192.0.2.18 ct mark set meta mark', 'has no counterpart to ct mark'],
      [
        'ip lvs pre: ip daddr 192.0.2.30 meta mark set 0x00000013 ct mark set 0x00000013',
        'has no counterpart to ct mark',
      ],
    ]);
  });

  it("that are iptables-nft's own are not read twice", () => {
    const json = recorded('iptables-nft.json');
    expect(readNft(json, { texts: new Map(), withoutIptables: true })).toEqual([]);
    const left = imported(...readNft(json, { texts: new Map(), withoutIptables: false })).left;
    expect(left[0]).toEqual(['table ip mangle, chain PREROUTING, handle 2', 'has no counterpart to xt']);
  });

  it('cannot end the walk where another hook follows that marks', () => {
    const early = readIptables(table('PREROUTING -s 192.0.2.1/32 -j ACCEPT'), 4);
    const late = readIptables(table('PREROUTING -j MARK --set-mark 1'), 4);
    const both = imported(early, late);
    expect(both.rules).toEqual(['1 --ipv4']);
    expect(both.left.map(([text]) => text)).toEqual(['-A PREROUTING -s 192.0.2.1/32 -j ACCEPT']);
    expect(imported(early, readIptables(table('PREROUTING -j MARK --set-mark 1'), 6)).left).toEqual([]);
  });
});
