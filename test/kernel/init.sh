#!/bin/busybox sh
# Process 1, from the first root in memory: this machine's files become the root, read only, with what is written kept in memory.
# KERNEL is where the kernel's package is unpacked, CHECKOUT and OUT are directories; OUT alone is written through.
busybox=/bin/busybox
for module in /modules/*; do $busybox insmod "$module"; done
for directory in lower memory root; do $busybox mkdir -p "/$directory"; done
$busybox mount -t 9p -o ro,trans=virtio,msize=262144,cache=loose files /lower
$busybox mount -t tmpfs memory /memory
$busybox mkdir /memory/upper /memory/work
$busybox mount -t overlay -o lowerdir=/lower,upperdir=/memory/upper,workdir=/memory/work overlay /root
$busybox mount -t proc proc /root/proc
$busybox mount -t sysfs sys /root/sys
$busybox mount -t devtmpfs dev /root/dev
$busybox mount -t tmpfs run /root/run
$busybox mount -t 9p -o trans=virtio out "/root$OUT"
# The kernel asks this for modules.
printf '#!/bin/sh\nexec /sbin/modprobe -d %s "$@"\n' "$KERNEL" >/root/run/modprobe
$busybox chmod +x /root/run/modprobe
echo /run/modprobe >/root/proc/sys/kernel/modprobe
exec $busybox switch_root /root /bin/sh "$CHECKOUT/test/kernel/guest.sh"
