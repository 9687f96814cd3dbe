# What is to be known about a machine before it becomes a real server, asked here and on other machines by ssh.
# machine.ts reads the answers.
export LC_ALL=C PATH="$PATH:/usr/sbin:/sbin"
conf=/proc/sys/net/ipv4/conf

about() { echo "@$1"; }

answer() {
	about name
	uname -n
	about user
	id -u
	about namespaces
	readlink /proc/self/ns/net /proc/1/ns/net
	about programs
	for each in ip sysctl awk sha256sum base64 systemctl modprobe nft arptables arptables-save; do
		command -v $each >/dev/null && echo $each
	done
	about fairlead
	command -v fairlead
	about works
	[ -w $conf/all/arp_ignore ] && echo sysctl
	arp_family=
	printf 'table arp fairlead {\n chain x {\n type filter hook input priority 0;\n }\n}\n' | nft -c -f - && arp_family=nftables
	echo $arp_family
	case $(arptables --version) in
	*nf_tables*) [ -n "$arp_family" ] || ! command -v nft ;; # arptables-save would succeed whatever the kernel has
	*) arptables-save ;;
	esac >/dev/null && echo arptables
	{ ip -o link | grep ' tunl0@' || modprobe -n ipip; } >/dev/null && echo ipip
	[ -d /run/systemd/system ] && echo systemd
	about links
	ip -o -d link show
	about addresses
	ip -o address show
	about routes
	ip -o -4 route show default
	ip -o -6 route show default
	about settings
	grep . /proc/sys/net/ipv4/ip_forward $conf/*/arp_ignore $conf/*/arp_announce $conf/*/rp_filter $conf/*/send_redirects
	about rules
	arptables-save | grep ^-A
	nft list ruleset arp
	about end
}
answer </dev/null 2>/dev/null
