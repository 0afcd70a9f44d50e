#!/usr/bin/env bash
# `npm test`: everything that CI holds against a change, on a machine that may have nothing yet but Node and git.
#
#   npm test                     all of it
#   npm test -- renderers/dovecot    only the tests of some files; the other checks all the same
#
# Every check runs, also after one failed, and counts as one test when it does. The last line is always
# `N passed, N failed, N skipped`; what was skipped, and why, stands above it.
#
# MAILC_TEST_NODE=24 runs the built command on that Node as well. MAILC_CACHE is where the Debian 13 tree is kept.
# MAILC_E2E_MACHINES=1 runs the end-to-end tests one after the other, which takes ten minutes longer and disturbs none.
# MAILC_E2E=required makes it a failure when Docker cannot run here; otherwise the end-to-end tests are skipped then.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

# `npm test --silent` means npm's own chatter, not the reasons of what fails below.
unset npm_config_loglevel

broken=()

check() {
  local name=$1 started=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if "$@"; then
    printf '== %s: good, %d s\n' "$name" $((SECONDS - started))
  else
    printf '== %s: FAILED, %d s\n' "$name" $((SECONDS - started))
    broken+=("$name")
  fi
}

loudly() {
  printf '\n!!! %s\n' "$*"
}

# Debian's packages that tests use on the machine itself, installed only where they are missing.
machine_packages() {
  local missing=()
  command -v git >/dev/null || missing+=(git)
  command -v ssh-keygen >/dev/null || missing+=(openssh-client)
  command -v gpg >/dev/null || missing+=(gnupg)
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
  ((${#missing[@]})) || return 0
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    loudly "not on this machine: ${missing[*]}; tests that use them will not run (root on Debian installs them)"
    return 0
  fi
  install_packages "${missing[@]}"
}

install_packages() {
  local policy=/usr/sbin/policy-rc.d result=0
  # The PostgreSQL package starts a server; the tests start their own. A policy that is there already stays.
  if [[ -e $policy ]]; then
    policy=
  else
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
  fi
  { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Use-Pty=0 install --no-install-recommends "$@"; } || result=$?
  if [[ -n $policy ]]; then rm -f "$policy"; fi
  return "$result"
}

# Only what this machine cannot do is forgiven (3): a tree that could be made and was not is a failure, or else
# hundreds of tests would be skipped unnoticed.
debian13_tree() {
  local result=0
  test/debian/rootfs.sh || result=$?
  ((result == 3)) || return "$result"
  loudly 'no Debian 13 tree: the tests that run the real Postfix, Dovecot, ... and PostgreSQL 17 will NOT run'
}

node_modules() {
  if [[ node_modules/.package-lock.json -nt package-lock.json ]]; then return 0; fi
  npm ci --no-audit --no-fund
}

built_command_on() {
  npx --yes --package "node@$1" node dist/mailc.cjs --version
}

check 'machine packages' machine_packages
check 'Debian 13 tree' debian13_tree
check 'node_modules' node_modules
check 'generate' npm run --silent generate
check 'build' npm run --silent build
check 'biome' biome check .
check 'types' tsc --noEmit
check 'knip' knip
if [[ -n ${MAILC_TEST_NODE:-} ]]; then
  check "the built command on Node $MAILC_TEST_NODE" built_command_on "$MAILC_TEST_NODE"
fi

passed=0 failed=0 skipped=0
counts=$(mktemp)
trap 'rm -f "$counts"' EXIT

# tests NAME COMMAND...: runs it, and adds what it says in the file $counts to the numbers.
tests() {
  local name=$1 result=0 one=(0 0 0)
  shift
  : >"$counts"
  MAILC_TEST_COUNTS=$counts "$@" || result=$?
  if [[ -s $counts ]]; then read -ra one <"$counts"; fi
  passed=$((passed + one[0])) failed=$((failed + one[1])) skipped=$((skipped + one[2]))
  if ((result != 0 && one[1] == 0)); then broken+=("$name itself"); fi
}

# One after the other where that is asked for, or run.sh cannot have several machines here (3).
end_to_end() {
  local result=0
  if [[ ${MAILC_E2E_MACHINES:-} != 1 ]]; then
    test/e2e/run.sh || result=$?
    ((result == 3)) || return "$result"
  fi
  vitest run --project e2e --project live
}

printf '\n== tests\n'
# The last project, soak, takes a quarter of an hour of traffic, outages and broken applies: npm run test:soak.
if (($#)); then
  tests vitest vitest run --project programs --project e2e --project live "$@"
else
  tests vitest vitest run --project programs
  printf '\n== end-to-end tests\n'
  tests 'end-to-end tests' end_to_end
fi

printf '\n'
for name in "${broken[@]}"; do printf 'FAILED: %s\n' "$name"; done
failed=$((failed + ${#broken[@]}))
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
