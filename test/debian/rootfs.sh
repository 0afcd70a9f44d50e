#!/usr/bin/env bash
# Makes, once, the Debian 13 root file system whose programs the tests run, and prints its path.
#
# The product configures Debian 13's Postfix, Dovecot and the rest, so only those very programs can say whether
# a rendered file is right. They are unpacked beside the machine's own and entered by chroot: that is ten times
# as fast as `docker run`, and needs no daemon and no image registry.
#
#   test/debian/rootfs.sh            the path on stdout, progress on stderr; instant when it is there already
#
# The name of the directory carries a hash of this script: change the package list and a new one is made.
# Exit codes: 0 there; 3 cannot be made on this machine (the reason is on stderr); other: making it failed.
set -euo pipefail

packages=(
  # what mailc configures
  postfix postfix-pgsql postfix-pcre postsrsd
  dovecot-core dovecot-imapd dovecot-pop3d dovecot-lmtpd dovecot-managesieved dovecot-sieve
  dovecot-auth-lua lua-posix lua-sql-postgres
  opendkim opendkim-tools
  amavisd-new spamassassin pyzor razor
  clamav clamav-daemon clamav-freshclam
  postgresql postgresql-client
  # what checks and drives it
  bind9-utils busybox-static dnsmasq-base openssl perl procps shellcheck swaks systemd
)

say() { printf 'debian13: %s\n' "$*" >&2; }

cannot() {
  say "$*"
  exit 3
}

os_release() {
  sed -nE "s/^$1=\"?([^\"]*)\"?$/\1/p" /etc/os-release
}

# The machine's own apt configuration, asked through apt itself, which knows .list and .sources files, disabled
# entries and options: lines of "BASE-ADDRESS SUITE".
apt_suites() {
  LC_ALL=C apt-get update --print-uris | sed -nE "s|^'([^']+)/dists/([^']+)/InRelease'.*|\1 \2|p" | sort -u
}

# The address of the archive that has the suite $1, out of the lines $2.
archive_of() {
  awk -v suite="$1" '$2 == suite { print $1; exit }' <<<"$2"
}

# Prints sources.list lines for trixie, the archive itself first.
sources() {
  local codename suites archive security
  [[ $(os_release ID) == debian ]] || cannot 'this machine is not Debian, so its apt knows no Debian mirror'
  codename=$(os_release VERSION_CODENAME)
  suites=$(apt_suites)
  # Other vendors name their suites after Debian's too; only Debian's archive has NAME-updates beside NAME.
  archive=$(archive_of "$codename-updates" "$suites")
  [[ -n $archive ]] || archive=$(archive_of "$codename" "$suites")
  [[ -n $archive ]] || cannot "apt on this machine names no Debian archive (suite \"$codename\")"
  security=$(archive_of "$codename-security" "$suites")

  echo "deb $archive trixie main"
  if grep -qxF "$archive $codename-updates" <<<"$suites"; then echo "deb $archive trixie-updates main"; fi
  if [[ -n $security ]]; then echo "deb $security trixie-security main"; fi
}

install_debootstrap() {
  if command -v debootstrap >/dev/null && [[ -e /usr/share/keyrings/debian-archive-keyring.gpg ]]; then return; fi
  say 'installing debootstrap'
  {
    apt-get -q update
    DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends debootstrap debian-archive-keyring
  } >&2
}

# Runs in namespaces of its own: whatever is mounted or started here is gone when it ends, however it ends.
fill() {
  local root=$1 sources=$2 archive
  archive=$(awk '{ print $2; exit }' <<<"$sources")

  # Package scripts write the host name into certificates and configuration: the same one everywhere.
  echo mail.example.com >/proc/sys/kernel/hostname

  # Proxies are apt's to know; debootstrap only reads the environment.
  local proxy
  proxy=$(apt-config dump --format '%v' Acquire::http::Proxy)
  if [[ -n $proxy && $proxy != DIRECT ]]; then export http_proxy=$proxy; fi

  debootstrap --variant=minbase --include=ca-certificates trixie "$root" "$archive"

  printf '%s\n' "$sources" >"$root/etc/apt/sources.list"
  # How this machine reaches its mirror (proxy, certificates, dates); removed below.
  apt-config dump | grep -E '^Acquire::(http|https|Check-Valid-Until|Check-Date)\b' \
    >"$root/etc/apt/apt.conf.d/00machine" || true
  cat >"$root/etc/apt/apt.conf.d/01small" <<'CONF'
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Install-Recommends "false";
Dpkg::Use-Pty "false";
CONF
  cat >"$root/etc/dpkg/dpkg.cfg.d/small" <<'CONF'
force-unsafe-io
path-exclude /usr/share/locale/*
CONF
  # Nothing may start while packages are installed, nor make a database cluster that no test uses.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod 755 "$root/usr/sbin/policy-rc.d"
  mkdir -p "$root/etc/postgresql-common"
  echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"

  cp /etc/hosts "$root/etc/hosts"
  mount -t proc proc "$root/proc"
  chroot "$root" /usr/bin/env -i ${http_proxy:+http_proxy="$http_proxy"} \
    PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive \
    bash -euc '
      apt-get -q update
      apt-get -qy -o Dpkg::Options::=--force-confold install "$@"
      apt-get clean
    ' install "${packages[@]}"
  umount "$root/proc"

  # Nothing of the machine stays behind: neither its resolver and names, nor the way to its mirror.
  rm -rf "$root"/var/lib/apt/lists/* "$root/etc/apt/apt.conf.d/00machine"
  : >"$root/etc/apt/sources.list"
  : >"$root/etc/resolv.conf"
  : >"$root/etc/machine-id"
  echo mail.example.com >"$root/etc/hostname"
  echo mail.example.com >"$root/etc/mailname"
  printf '127.0.0.1 localhost\n127.0.1.1 mail.example.com mail\n' >"$root/etc/hosts"
}

main() {
  local cache=${MAILC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/mailc}
  local hash root partial sources started
  hash=$(sha256sum <"${BASH_SOURCE[0]}" | cut -c1-12)
  root=$cache/debian13-$hash
  if [[ -d $root ]]; then
    echo "$root"
    return
  fi

  [[ $(id -u) == 0 ]] || cannot 'making a root file system and entering it needs root'
  command -v apt-get >/dev/null || cannot 'this machine has no apt, so it names no Debian mirror'
  unshare --mount --pid --fork true || cannot 'this machine forbids namespaces (a container without CAP_SYS_ADMIN?)'

  mkdir -p "$cache"
  exec 9>"$cache/debian13.lock"
  flock --nonblock 9 || {
    say 'another run is making it; waiting'
    flock 9
  }
  if [[ ! -d $root ]]; then
    install_debootstrap
    sources=$(sources)
    # Under the lock, a partial tree can only be what a killed run left.
    rm -rf "$cache"/debian13-*.partial
    partial=$root.partial
    started=$SECONDS
    say "making $root (two minutes)"
    unshare --mount --uts --pid --fork --kill-child --mount-proc --propagation private \
      bash "${BASH_SOURCE[0]}" --fill "$partial" "$sources" 9>&- >"$root.log" 2>&1 </dev/null || {
      tail -n 40 "$root.log" >&2
      say "making it failed; the whole log is $root.log"
      exit 1
    }
    mv "$partial" "$root"
    rm -f "$root.log"
    say "made in $((SECONDS - started)) s"
  fi
  echo "$root"
}

# Sourced, it only lends its functions.
if [[ ${BASH_SOURCE[0]} != "$0" ]]; then
  return
elif [[ ${1:-} == --fill ]]; then
  fill "$2" "$3"
else
  main
fi
