#!/usr/bin/env bash
# Runs a command on a machine within this one: with a network, a Docker daemon, /run and /srv of its own, and the
# same files otherwise. So several runs of the end-to-end tests, whose containers, ports and folders have fixed
# names, go on at once.
#
#   machine.sh NUMBER COMMAND...
#
# Its images stay in /var/lib/mailc-e2e/NUMBER for the next time; all else ends with the command. There is no way out
# of its network, so what it needs must be at hand.
#
# Exit codes: 3 this machine cannot have machines in it; else the command's own.
set -euo pipefail

cannot() {
  printf 'machine: %s\n' "$*" >&2
  exit 3
}

# Runs in the new namespaces.
inside() {
  local home=$1
  shift
  ip link set lo up
  mount --bind "$home/docker" /var/lib/docker
  mount --bind "$home/srv" /srv
  mount --bind "$home/dockerd.log" /var/log/mailc-dockerd.log
  mount -t tmpfs -o mode=755 machine /run
  mkdir -m 1777 /run/lock
  # What the last command left, had it been killed.
  find /srv -mindepth 1 -delete
  # Not exec: this shell is the init of the machine, and reaps what is left to it.
  "$@"
}

if [[ ${1:-} == --inside ]]; then
  shift
  inside "$@"
  exit
fi

number=$1
shift
home=/var/lib/mailc-e2e/$number
[[ $(id -u) == 0 ]] || cannot 'it needs root'
mkdir -p "$home"/{docker,srv} /var/lib/docker /srv
touch "$home/dockerd.log" /var/log/mailc-dockerd.log
unshare --mount --net --pid --fork true 2>/dev/null || cannot 'namespaces are forbidden here'
exec 8>"$home/lock"
flock --timeout 1800 8 || cannot "another run on machine $number does not end"
# slave: what this machine unmounts is not kept by the one within.
exec unshare --mount --net --pid --fork --kill-child --mount-proc --propagation slave \
  bash "${BASH_SOURCE[0]}" --inside "$home" "$@"
