# The inner half of running-dovecot.ts: what Dovecot's container has around it, and then Dovecot as the container
# runs it: by its entrypoint, with a read-only root file system and the container's capabilities only.

{
  echo '127.0.0.24 postgres'
  echo '127.0.0.25 postfix'
} >>/etc/hosts
# Clients elsewhere: Dovecot takes one that comes from its own address for a local one.
busybox ip addr add 198.51.100.0/24 dev lo
groupadd -g 500 vmail
useradd -u 500 -g 500 -M -d /var/vmail -s /usr/sbin/nologin vmail 2>/dev/null
mkdir -p /etc/mailc-tls/key /etc/mailc-tls/certificate
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.example.com \
  -addext subjectAltName=DNS:mail.example.com \
  -keyout /etc/mailc-tls/key/key.pem -out /etc/mailc-tls/certificate/chain.pem 2>/dev/null

install -d -o postgres /srv/database /run/postgresql
as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)
bin=/usr/lib/postgresql/17/bin
"${as_postgres[@]}" $bin/initdb -D /srv/database --auth-local=trust --auth-host=scram-sha-256 --no-sync >/dev/null
stop_database() {
  "${as_postgres[@]}" $bin/pg_ctl -D /srv/database -m immediate stop >/dev/null
}
start_database() {
  "${as_postgres[@]}" $bin/pg_ctl -D /srv/database -o '-c listen_addresses=127.0.0.24 -c fsync=off' -w start >/dev/null
}
start_database
"${as_postgres[@]}" createdb mail
"${as_postgres[@]}" psql -q -d mail -v mail_password="$DATABASE_PASSWORD" -f /tmp/sync.sql

# Takes what Sieve scripts send.
mkdir -m 777 /tmp/sent
smtp-sink -u nobody -R / -d /tmp/sent/ 127.0.0.25:10025 100 &

# Volumes are new, and root's. A tmpfs takes the mode of the folder that it covers, as Docker's does.
mkdir -p /container /srv/volumes/vmail /srv/volumes/learn /var/vmail /var/spool/learn
mount --rbind / /container
mount -o remount,bind,ro /container
for folder in $TMPFS; do
  mount -t tmpfs -o "mode=$(stat -c %a "$folder")" tmpfs "/container$folder"
done
mount --bind /srv/volumes/vmail /container/var/vmail
mount --bind /srv/volumes/learn /container/var/spool/learn

# in_container COMMAND...: with what the container may do, and no more
in_container() {
  chroot /container setpriv --no-new-privs --bounding-set "-all$CAPABILITIES" --inh-caps -all "$@"
}
in_container /usr/local/bin/entrypoint $COMMAND >/tmp/log 2>&1 &
for _ in {1..100}; do
  if (exec 3<>/dev/tcp/127.0.0.1/24 && read -r -t 5 greeting <&3 && [[ $greeting == 220* ]]) 2>/dev/null; then
    break
  fi
  sleep 0.1
done
