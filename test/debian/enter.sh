#!/bin/sh
# The inner half of enter.ts: PID 1 of fresh namespaces, it lays a writable layer over the shared Debian 13 tree
# and runs one command in it. Every mount is in a private mount namespace and every write goes to a tmpfs, so
# nothing has to be undone and runs side by side never meet.
#
#   enter.sh ROOT SCRATCH HOSTNAME NETWORK USER [--bind HOST-PATH INSIDE-PATH]... -- COMMAND...
set -eu
lower=$1 scratch=$2 hostname=$3 network=$4 user=$5
shift 5

mount -t tmpfs -o mode=755 tmpfs "$scratch/layer"
mkdir "$scratch/layer/upper" "$scratch/layer/work" "$scratch/layer/root"
root=$scratch/layer/root
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$scratch/layer/upper,workdir=$scratch/layer/work" "$root"
mount -t proc proc "$root/proc"
echo "$hostname" >/proc/sys/kernel/hostname

if [ "$network" = loopback ]; then
  chroot "$root" busybox ifconfig lo up
fi

# Unpacked by a tar inside the tree: its absolute symlinks (/var/run) would lead a tar outside to the machine's own
# directories. Only files are listed, so directories that exist keep their owner and mode.
if [ -s "$scratch/list" ]; then
  tar -C "$scratch/files" --null --verbatim-files-from -T "$scratch/list" --numeric-owner -c |
    chroot "$root" tar -C / --numeric-owner -xp
fi

while [ "$1" = --bind ]; do
  inside=$(chroot "$root" realpath -m "$3") # for the same reason
  if [ -d "$2" ]; then
    mkdir -p "$root$inside"
  else
    mkdir -p "$(dirname "$root$inside")"
    : >"$root$inside"
  fi
  mount --bind "$2" "$root$inside"
  shift 3
done
shift

# Not exec: as PID 1 the program would ignore signals that it does not handle and would inherit orphans. As it
# is, daemons that it leaves behind die with this shell.
chroot --userspec="$user" "$root" "$@"
