import { describe, expect, test } from 'vitest';
import type { Address, Ipv4, Port } from '../../ipvs/address.ts';
import { address, lines, machineWith } from './machine.fixture.ts';
import type { Machine } from './machine.ts';
import { planFor } from './plan.ts';
import type { Wanted } from './wanted.ts';

function wanted(vips: readonly string[], more: Partial<Wanted> = {}): Wanted {
  return {
    ...{ vips: vips as readonly Address[], way: 'auto', device: 'lo', rips: [], decapsulate: 'no' },
    ...{ guePort: 6080 as Port, lasting: false },
    ...more,
  };
}

/** What a person would type. */
function typed(what: Wanted, machine: Machine): readonly string[] {
  return planFor(what, machine).steps.map(({ does }) => does);
}

const vip = '192.0.2.100';
const ignore = 'sysctl -q -w net.ipv4.conf.all.arp_ignore=1';
const announce = 'sysctl -q -w net.ipv4.conf.all.arp_announce=2';
const add = `ip address add ${vip}/32 dev lo`;

describe('ARP isolation comes before the address', () => {
  test('by the kernel’s switches, where they can be written', () => {
    expect(typed(wanted([vip]), machineWith())).toEqual([ignore, announce, add]);
  });

  test('by arptables rules for each virtual address', () => {
    const commands = typed(wanted([vip, '192.0.2.101'], { way: 'arptables' }), machineWith());
    expect(commands.slice(0, 4)).toEqual([
      'arptables -A INPUT -d 192.0.2.100 -j DROP',
      'arptables -A OUTPUT -s 192.0.2.100 -j mangle --mangle-ip-s 192.0.2.11',
      'arptables -A INPUT -d 192.0.2.101 -j DROP',
      'arptables -A OUTPUT -s 192.0.2.101 -j mangle --mangle-ip-s 192.0.2.11',
    ]);
  });

  test('with several interfaces, each shows its own address', () => {
    const machine = machineWith({
      links: [lines.lo, lines.eth0, lines.eth1],
      addresses: [
        address('eth0', '192.0.2.11/24'),
        address('eth0', '192.0.2.12/24'),
        address('eth1', '198.51.100.11/24'),
      ],
    });
    expect(typed(wanted([vip], { way: 'arptables' }), machine).slice(1, 3)).toEqual([
      'arptables -A OUTPUT -o eth0 -s 192.0.2.100 -j mangle --mangle-ip-s 192.0.2.11',
      'arptables -A OUTPUT -o eth1 -s 192.0.2.100 -j mangle --mangle-ip-s 198.51.100.11',
    ]);
    const [table] = typed(
      wanted([vip], {
        way: 'nftables',
        rips: ['192.0.2.12', '198.51.100.11'] as readonly string[] as Ipv4[],
      }),
      machine,
    );
    expect(table).toContain('oifname "eth0" arp saddr ip 192.0.2.100 arp saddr ip set 192.0.2.12\n');
  });

  test('IPv6 needs none, and is neither tested for duplicates nor a source', () => {
    expect(typed(wanted(['2001:db8:1::100']), machineWith())).toEqual([
      'ip address add 2001:db8:1::100/128 dev lo nodad preferred_lft 0',
    ]);
  });
});

describe('the way that is chosen', () => {
  test.for([
    ['switches that cannot be written: an nftables table', ['nftables', 'arptables'], 'lo', 'nftables'],
    ['neither: arptables rules', ['arptables'], 'lo', 'arptables'],
    ['nothing but Fairlead: its program', [], 'lo', 'tc'],
    [
      'an address on the interface that is asked: not the switches',
      ['sysctl', 'nftables'],
      'eth0',
      'nftables',
    ],
  ] as const)('%s', ([, works, device, way]) => {
    const machine = machineWith({ works, fairlead: '/usr/bin/fairlead' });
    expect(planFor(wanted([vip], { device }), machine).way).toBe(way);
  });
});

describe('settings of the kernel', () => {
  test('a stricter arp_ignore stays what it is', () => {
    const machine = machineWith({ settings: ['conf/all/arp_ignore:2'] });
    expect(typed(wanted([vip]), machine)[0]).toBe('sysctl -q -w net.ipv4.conf.all.arp_ignore=2');
  });

  test('a strict reverse path filter is loosened where answers leave by another interface, and only there', () => {
    const machine = machineWith({
      links: [lines.lo, lines.eth0, lines.eth1],
      addresses: [address('eth0', '192.0.2.11/24'), address('eth1', '198.51.100.11/24')],
      routes: ['default via 198.51.100.254 dev eth1'],
      settings: ['conf/all/rp_filter:1'],
    });
    expect(typed(wanted([vip]), machine)[0]).toBe('sysctl -q -w net.ipv4.conf.eth0.rp_filter=2');
    expect(typed(wanted([vip]), machine)).toHaveLength(4);
  });

  test('a router sends no redirects for packets to a virtual address', () => {
    const machine = machineWith({ settings: ['ip_forward:1'] });
    expect(typed(wanted([vip]), machine).slice(0, 2)).toEqual([
      'sysctl -q -w net.ipv4.conf.all.send_redirects=0',
      'sysctl -q -w net.ipv4.conf.eth0.send_redirects=0',
    ]);
  });

  test('an interface with a dot in its name is written with slashes', () => {
    const machine = machineWith({
      links: [lines.lo, lines.eth0.replace('eth0@if7', 'eth0.5@eth0')],
      addresses: [address('eth0.5', '192.0.2.11/24')],
      settings: ['ip_forward:1'],
    });
    expect(typed(wanted([vip]), machine)).toContain('sysctl -q -w net/ipv4/conf/eth0.5/send_redirects=0');
  });
});

describe('the interface of the addresses', () => {
  test('a dummy that is not there is made', () => {
    expect(typed(wanted([vip], { device: 'dummy1' }), machineWith()).slice(2)).toEqual([
      'ip link add dummy1 type dummy',
      'ip link set dev dummy1 up',
      'ip address add 192.0.2.100/32 dev dummy1',
    ]);
  });

  test('a loopback interface that is down is set up first', () => {
    const machine = machineWith({
      links: [lines.lo.replace('LOOPBACK,UP,LOWER_UP', 'LOOPBACK'), lines.eth0],
    });
    expect(typed(wanted([vip]), machine)).toContain('ip link set dev lo up');
  });
});

describe('tunnels end', () => {
  test("in the kernel's device where there is one, whose reverse path filter is loosened", () => {
    const machine = machineWith({ works: ['sysctl', 'ipip'], fairlead: '/usr/bin/fairlead' });
    expect(typed(wanted([vip], { decapsulate: 'auto' }), machine).slice(2, 5)).toEqual([
      'modprobe ipip',
      'ip link set dev tunl0 up',
      'sysctl -q -w net.ipv4.conf.tunl0.rp_filter=2',
    ]);
  });

  test("in Fairlead's program where there is none, or IPv6 comes by tunnel", () => {
    const machine = machineWith({ works: ['sysctl', 'ipip'], fairlead: '/usr/bin/fairlead' });
    expect(typed(wanted([vip, '2001:db8::1'], { decapsulate: 'auto' }), machine)).toContain(
      '/usr/bin/fairlead realserver decapsulate start --gue-port 6080 192.0.2.100 2001:db8::1',
    );
  });
});

describe('what lasts', () => {
  const lasting = (more: Partial<Wanted> = {}, machine = machineWith()) =>
    typed(wanted([vip], { lasting: true, ...more }), machine);
  const unitOf = (commands: readonly string[]): string =>
    commands.find((command) => command.includes('fairlead-realserver.service <<')) ?? '';

  test('is written before the address is there, and enabled', () => {
    const commands = lasting();
    expect(commands.at(-1)).toBe(add);
    expect(commands.at(-2)).toBe('systemctl enable -q fairlead-realserver.service');
    expect(commands[2]).toMatch(/^cat > \/etc\/sysctl\.d\/60-fairlead-realserver\.conf <<'END'\n/);
  });

  test('the service restores the isolation first and the address last', () => {
    const starts = [...unitOf(lasting({ way: 'nftables' })).matchAll(/^ExecStart=(.*)$/gm)].map(
      ([, line]) => line,
    );
    expect(starts).toEqual([
      'nft -f /etc/fairlead-realserver.nft',
      'ip address replace 192.0.2.100/32 dev lo',
    ]);
  });

  test('arptables rules are kept as arptables-save writes them', () => {
    const file = lasting({ way: 'arptables' }).find((command) => command.includes('.arptables <<'));
    expect(file?.split('\n').slice(1, -1)).toEqual([
      '*filter',
      ':INPUT ACCEPT',
      ':OUTPUT ACCEPT',
      '-A INPUT -d 192.0.2.100 -j DROP',
      '-A OUTPUT -s 192.0.2.100 -j mangle --mangle-ip-s 192.0.2.11',
      'COMMIT',
    ]);
  });

  test('who flushes the packet filter has the rules back, or the address away', () => {
    expect(unitOf(lasting({ way: 'nftables' }))).toContain('PartOf=nftables.service arptables.service\n');
    expect(unitOf(lasting())).not.toContain('PartOf');
  });

  test.each([
    ['sysctl', 'CAP_NET_ADMIN'],
    ['nftables', 'CAP_NET_ADMIN'],
    ['arptables', 'CAP_NET_ADMIN CAP_NET_RAW CAP_SYS_MODULE'],
    ['tc', 'CAP_NET_ADMIN CAP_SYS_ADMIN'],
  ] as const)('by %s its service may do what its lines need, and no more', (way, capabilities) => {
    const unit = unitOf(lasting({ way }));
    expect(unit).toContain(`\nCapabilityBoundingSet=${capabilities}\n`);
    expect(unit.includes('ProtectKernelModules=yes'), 'modules').toBe(way !== 'arptables');
    expect(unit.includes('MemoryDenyWriteExecute=yes'), 'what it writes is not run').toBe(way !== 'tc');
  });

  test('under a running systemd the service is active at once', () => {
    const machine = machineWith({ works: ['sysctl', 'systemd'] });
    expect(lasting({}, machine).at(-1)).toBe('systemctl start fairlead-realserver.service');
    expect(unitOf(lasting({}, machine))).toMatch(/END\nsystemctl daemon-reload$/);
  });
});
