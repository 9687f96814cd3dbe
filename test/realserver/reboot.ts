/** What a machine is after a reboot: a fresh network namespace, on which its service's lines are run, as systemd would. */

import type { Machine } from './machine.ts';

/** The new machine's addresses, ARP switches, rules and filters, as text. */
export async function afterReboot(machine: Machine): Promise<string> {
  const unit = '/etc/systemd/system/fairlead-realserver.service';
  const verified = await machine.run(`systemd-analyze verify ${unit}`);
  await machine.must('rm -r /run/systemd'); // a note of its own
  if (verified.stdout + verified.stderr !== '') throw new Error(verified.stdout + verified.stderr);
  await machine.must('systemctl is-enabled -q fairlead-realserver.service');
  return await machine.must(`unshare --net sh -e <<'END'
ip link set lo up
ip link add eth0 address 02:00:c0:00:02:0b type veth peer name peer
ip address add 192.0.2.11/24 dev eth0
ip link set eth0 up
sed -n 's/^ExecStart=//p' ${unit} | sed 's/[$][$]/$/g; s/%%/%/g' >/tmp/boot.sh
sh -e /tmp/boot.sh
rm /tmp/boot.sh
ip -o address show dev lo
ip -o address show dev dummy0 2>/dev/null || :
grep . /proc/sys/net/ipv4/conf/all/arp_*
arptables-save
nft list ruleset
tc filter show dev eth0 egress
sh -e -c "$(sed -n 's/^ExecStart=//p' ${unit} | sed 's/[$][$]/$/g; s/%%/%/g')"
arptables-save | grep -c ^-A || :
sed -n 's/^ExecStop=-//p' ${unit} | sh
ip -o address show dev lo
END`);
}
