#!/usr/bin/env bash
# Makes sure that a Docker daemon answers on this machine: installs Debian's where there is none, and starts it
# where none runs. Nothing that runs already is touched.
#
# Exit codes: 0 it answers; 3 it cannot on this machine (the reason is on stderr); other: starting it failed.
set -euo pipefail

say() { printf 'docker: %s\n' "$*" >&2; }

cannot() {
  say "$*"
  exit 3
}

answers() {
  timeout -k 2 10 docker info >/dev/null 2>&1
}

install_packages() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v ip >/dev/null || missing+=(iproute2)
  command -v zstd >/dev/null || missing+=(zstd)
  ((${#missing[@]})) || return 0
  command -v apt-get >/dev/null || cannot 'this machine has no Docker, and no apt to install it'
  say "installing ${missing[*]}"
  {
    apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 install --no-install-recommends "${missing[@]}"
  } >&2
}

# Whether the process of a pid file is still the program that wrote it.
runs() {
  local program=$1 file=$2 pid
  [[ -s $file ]] || return 1
  pid=$(<"$file")
  [[ -r /proc/$pid/comm && $(<"/proc/$pid/comm") == "$program" ]]
}

start() {
  local log=/var/log/mailc-dockerd.log
  # Two test runs at once must not start two daemons.
  exec 9>/var/lock/mailc-dockerd.lock
  flock --timeout 120 9
  if answers; then return 0; fi
  if runs dockerd /var/run/docker.pid; then
    say 'a daemon runs, and does not answer yet; waiting'
  else
    say "starting dockerd, which writes to $log"
    # Left by a daemon that was killed. Where somebody else has its number by now, a new one would not start.
    rm -f /var/run/docker.pid
    runs containerd /var/run/docker/containerd/containerd.pid || rm -f /var/run/docker/containerd/containerd.pid
    setsid dockerd >"$log" 2>&1 </dev/null 9>&- &
  fi
  for _ in {1..60}; do
    if answers; then return 0; fi
    sleep 0.5
  done
  if [[ -r $log ]]; then tail -n 20 "$log" >&2; fi
  if grep -qsE 'ermission denied|peration not permitted' "$log"; then
    cannot 'this machine forbids what a Docker daemon needs (a container without privileges?)'
  fi
  say 'the daemon does not answer'
  exit 1
}

if command -v docker >/dev/null && answers; then exit 0; fi
[[ $(id -u) == 0 ]] || cannot 'no Docker daemon answers, and starting one needs root'
install_packages
start
