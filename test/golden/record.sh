# The environment the goldens were recorded in; see record.py.
ip link add eth0 type dummy
ip link set eth0 up
ip addr add 10.0.0.2/24 dev eth0
ip addr add 10.0.0.100/32 dev eth0
printf '127.0.0.1 localhost\n' >/etc/hosts
: >/etc/resolv.conf
exec python3 "$(dirname "$0")/record.py" "$1"
