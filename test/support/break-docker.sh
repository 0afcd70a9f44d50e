#!/bin/sh
# Stands before the real `docker`, BREAK_DOCKER, while mailc runs: numbers what the host's scripts ask of it, tells it in
# BREAK_DOCKER_LOG, and breaks number BREAK_DOCKER_AT. BREAK_DOCKER_HOW is `kill`, SIGKILL to mailc and the script as when
# the power goes, or `daemon`: from now on no daemon answers.
set -eu

# Its last call takes the place of the script itself.
case "$* <- $(tr '\0' ' ' <"/proc/$PPID/cmdline")" in
*/mailc/docker/current/*.sh* | run\ *--detach\ --restart*)
  number=$(($(wc -l <"$BREAK_DOCKER_LOG") + 1))
  echo "$number $1 $2" >>"$BREAK_DOCKER_LOG"
  if [ "$number" = "${BREAK_DOCKER_AT-}" ]; then
    touch "$BREAK_DOCKER_LOG.broken"
    if [ "$BREAK_DOCKER_HOW" = kill ]; then
      # A script is the first of its group, and mailc its parent.
      script=$(ps -o pgid= -p $$ | tr -d ' ')
      kill -KILL "$(ps -o ppid= -p "$script" | tr -d ' ')" "-$script"
    fi
  fi
  ;;
esac
if [ -e "$BREAK_DOCKER_LOG.broken" ]; then export DOCKER_HOST=unix:///run/no-docker-daemon.sock; fi
exec "$BREAK_DOCKER" "$@"
