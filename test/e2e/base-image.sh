#!/usr/bin/env bash
# Prints the name of the Debian 13 image that the service images are built on in tests: debian:trixie-slim where it
# is there or can be pulled, else a stand-in that is made from the machine's own Debian mirror.
#
# MAILC_CACHE keeps the stand-in, so that it is made once (half a minute).
# Exit codes: 0 it is there; 3 it cannot be made on this machine (the reason is on stderr); other: making it failed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

# For sources, install_debootstrap and cannot.
# shellcheck source=test/debian/rootfs.sh
. test/debian/rootfs.sh

say() { printf 'base image: %s\n' "$*" >&2; }

official=debian:trixie-slim
stand_in=mailc-test/debian:trixie-slim
cache=${MAILC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mailc}

# Runs in a mount namespace of its own.
fill_slim() {
  local root=$1 sources=$2 archive proxy
  archive=$(awk '{ print $2; exit }' <<<"$sources")
  proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
  if [[ -n $proxy && $proxy != DIRECT ]]; then export http_proxy=$proxy; fi
  debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$archive"

  printf '%s\n' "$sources" >"$root/etc/apt/sources.list"
  apt-config dump | grep -E '^Acquire::(http|https|Check-Valid-Until|Check-Date)\b' \
    >"$root/etc/apt/apt.conf.d/00machine" || true
  # As in the official slim image: no caches, no documentation, no service starts while packages are installed.
  cat >"$root/etc/apt/apt.conf.d/01small" <<'CONF'
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::Retries "3";
Dpkg::Use-Pty "false";
CONF
  cat >"$root/etc/dpkg/dpkg.cfg.d/small" <<'CONF'
force-unsafe-io
path-exclude /usr/share/locale/*
path-exclude /usr/share/man/*
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
CONF
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  rm -rf "$root"/var/lib/apt/lists/* "$root"/var/cache/apt/archives/*.deb "$root"/var/cache/apt/*.bin \
    "$root"/usr/share/locale/* "$root"/usr/share/man/* "$root"/var/log/*.log "$root"/var/cache/debconf/*-old
  find "$root/usr/share/doc" -type f ! -name copyright -delete
  # debootstrap copies the machine's.
  : >"$root/etc/resolv.conf"
  : >"$root/etc/hostname"
}

make_stand_in() {
  local archive=$1 sources partial
  [[ $(id -u) == 0 ]] || cannot 'making a base image needs root'
  command -v apt-get >/dev/null || cannot 'this machine has no apt, so it names no Debian mirror'
  unshare --mount --pid --fork true || cannot 'this machine forbids namespaces (a container without CAP_SYS_ADMIN?)'
  install_debootstrap
  sources=$(sources)
  partial=$(mktemp -d)
  # shellcheck disable=SC2064 # the path of now
  trap "rm -rf '$partial'" EXIT
  say 'making a stand-in with debootstrap (half a minute)'
  unshare --mount --pid --fork --kill-child --mount-proc --propagation private \
    bash "${BASH_SOURCE[0]}" --fill-slim "$partial/root" "$sources" >"$partial/log" 2>&1 </dev/null || {
    tail -n 40 "$partial/log" >&2
    exit 1
  }
  tar -C "$partial/root" --numeric-owner --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' -c . |
    zstd -q -3 -f -o "$archive.partial"
  mv "$archive.partial" "$archive"
}

has() {
  timeout -k 2 20 docker image inspect "$1" >/dev/null 2>&1
}

ensure() {
  local archive image
  for image in "$official" "$stand_in"; do
    if has "$image"; then
      echo "$image"
      return
    fi
  done
  # What is cached is taken before what must be asked for over the network.
  archive=$cache/base-image-$(sha256sum "${BASH_SOURCE[0]}" test/debian/rootfs.sh | sha256sum | cut -c1-12).tar.zst
  if [[ ! -e $archive ]]; then
    if timeout -k 2 120 docker pull --quiet "$official" >/dev/null 2>&1; then
      echo "$official"
      return
    fi
    say "$official cannot be pulled"
    mkdir -p "$cache"
    make_stand_in "$archive"
  fi
  zstd -dcq "$archive" | timeout -k 2 120 docker import --change 'CMD ["bash"]' \
    --change 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' - "$stand_in" >/dev/null
  echo "$stand_in"
}

if [[ ${1:-} == --fill-slim ]]; then
  fill_slim "$2" "$3"
else
  ensure
fi
