#!/usr/bin/env bash
# The main job on a fresh clone: mail.yaml.example compiled, planned and applied to an embedded Postgres in a
# temporary place, then planned again. Needs git and Node; neither Docker nor root.
set -euo pipefail
cd "$(dirname "$0")/.."

if [ ! -d node_modules/esbuild ] || [ ! -d node_modules/@electric-sql/pglite ]; then
  echo '$ npm ci'
  npm ci --no-audit --no-fund --loglevel=error
fi
if [ ! dist/mailc.cjs -nt src ] || [ -n "$(find src renderers schema package.json -newer dist/mailc.cjs -print -quit)" ]; then
  npm run --silent build
fi

place=$(mktemp -d "${TMPDIR:-/tmp}/mailc-demo.XXXXXX")
# A repository of its own, as apply wants what it applies committed.
mkdir "$place/config"
cp mail.yaml.example "$place/config/mail.yaml"
git -C "$place/config" init --quiet
git -C "$place/config" add mail.yaml
git -C "$place/config" -c user.name=demo -c user.email=demo@example.com commit --quiet -m 'A first mail.yaml'

mailc() {
  printf '\n\033[1m$ mailc %s\033[0m\n' "$*" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9;]*m//g'; fi
  (cd "$place/config" && RELAY_PASSWORD=not-a-real-one node "$OLDPWD/dist/mailc.cjs" "$@")
}

mailc validate
mailc compile -o ../out
mailc plan --database "embedded:../database" --root ../host
mailc apply --database "embedded:../database" --root ../host --yes
mailc plan --database "embedded:../database" --root ../host

cat <<NEXT

The system is compiled to   $place/out
its host's files are in     $place/host
and its users live in       $place/database

Now change something, and see what it would do:

  cd $place/config
  edit mail.yaml
  node $PWD/dist/mailc.cjs plan --database embedded:../database --root ../host
NEXT
