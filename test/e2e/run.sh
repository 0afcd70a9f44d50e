#!/usr/bin/env bash
# Runs the end-to-end tests on several machines within this one, since they wait more than they work: two, or as many as
# there are processors up to four. What is about time runs alone, behind all others.
#
#   run.sh              e2e and live
#   run.sh e2e          only the one
#
# MAILC_TEST_COUNTS names a file that gets "PASSED FAILED SKIPPED". Exit codes: 3 it cannot be done here, and nothing
# was run; else whether all passed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"

machines=$(nproc)
((machines >= 2)) || machines=2
((machines <= 4)) || machines=4
projects=("$@")
((${#projects[@]})) || projects=(e2e live)

# Measured, to give each machine as much to do as the others; a file that is not here counts as a short one.
seconds() {
  case $1 in
    apply.live | systemd.live) echo 210 ;;
    hosts.live | runtime.live) echo 100 ;;
    operations.e2e) echo 70 ;;
    probes.e2e) echo 63 ;;
    oracle.e2e) echo 55 ;;
    database.e2e | helpers.e2e) echo 25 ;;
    images.e2e | limits.e2e | routing.e2e) echo 20 ;;
    build.e2e | delimiter.e2e) echo 15 ;;
    healthchecks.e2e) echo 12 ;;
    learning.e2e | open-relay.e2e) echo 11 ;;
    authenticity.e2e | log-lines.e2e | secrets.e2e | sieve.e2e | tls.e2e) echo 4 ;;
    # The last one: it waits until all others have ended.
    outages.e2e) echo 0 ;;
    *) echo 8 ;;
  esac
}

npm run --silent generate
MAILC_E2E_IMAGES=$(node test/e2e/prepare.mjs) || exit
export MAILC_E2E_IMAGES

cannot() {
  printf 'end-to-end tests: one after the other, since %s\n' "$*" >&2
  exit 3
}

driver='docker info --format {{.Driver}}'
within=$(test/e2e/machine.sh 1 bash -c "test/e2e/docker.sh && $driver") ||
  cannot 'no Docker daemon runs on a machine within this one'
[[ $within == "$($driver)" ]] || cannot "there, Docker keeps its images as $within, which is slow"

# `running` has the machine's number by process.
declare -a files load running
for ((number = 1; number <= machines; number++)); do files[number]='' load[number]=0; done
while read -r cost file; do
  lightest=1
  for ((number = 2; number <= machines; number++)); do
    if ((load[number] < load[lightest])); then lightest=$number; fi
  done
  files[lightest]+=" $file"
  load[lightest]=$((load[lightest] + cost))
done < <(
  for project in "${projects[@]}"; do
    for file in test/e2e/*."$project".test.ts; do
      name=$(basename "$file" .test.ts)
      printf '%d %s\n' "$(seconds "$name")" "$file"
    done
  done | sort -rn
)

results=$(mktemp -d)
options=()
for project in "${projects[@]}"; do options+=(--project "$project"); done
result=0 passed=0 failed=0 skipped=0
# Ctrl-C too: each machine ends with its first process.
trap 'kill "${!running[@]}" 2>/dev/null || :; rm -rf "$results"' EXIT

for ((number = 1; number <= machines; number++)); do
  [[ -n ${files[number]} ]] || continue
  # shellcheck disable=SC2086 # a list of names that are ours
  MAILC_TEST_COUNTS=$results/$number MAILC_E2E_WAIT_FOR=$results/alone test/e2e/machine.sh "$number" \
    vitest run "${options[@]}" ${files[number]} > >(sed -u "s/^/$number| /") 2>&1 &
  running[$!]=$number
done
while ((${#running[@]})); do
  # Who waits for it is the one that still runs.
  if ((${#running[@]} == 1)); then touch "$results/alone"; fi
  wait -n -p process "${!running[@]}" || result=1
  number=${running[process]}
  unset 'running[process]'
  # A run that left no numbers has ended before its tests did.
  one=(0 1 0)
  if [[ -s $results/$number ]]; then read -ra one <"$results/$number"; fi
  passed=$((passed + one[0])) failed=$((failed + one[1])) skipped=$((skipped + one[2]))
done

if ((result != 0 && failed == 0)); then failed=1; fi
if [[ -n ${MAILC_TEST_COUNTS:-} ]]; then
  printf '%d %d %d\n' "$passed" "$failed" "$skipped" >"$MAILC_TEST_COUNTS"
else
  printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
fi
((failed == 0))
