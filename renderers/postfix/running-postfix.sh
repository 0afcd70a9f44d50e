#!/bin/bash
# The inner half of running-postfix.ts. Starts in one network namespace what Postfix meets: a resolver,
# PostgreSQL with the rendered rows, Dovecot's logins, OpenDKIM and postsrsd are the real programs; Amavis is
# a wire that hands back what it gets, clamav-milter finds no virus, one mailbox is full, mailboxes and other servers are smtp-sink(1). Then
# it runs commands from its input. Each container has an address of its own in 127.0.0.0/8, and a name as
# Docker's DNS would give it.
set -euo pipefail

{
  echo '127.0.0.21 dovecot.mail dovecot'
  echo '127.0.0.22 amavis.mail amavis'
  echo '127.0.0.23 opendkim.mail opendkim'
  echo '127.0.0.24 postgres.mail postgres'
  echo '127.0.0.25 clamav.mail clamav'
} >>/etc/hosts
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
# Clients elsewhere, and a container beside ours.
for address in 203.0.113.7 203.0.113.8 203.0.113.66 198.51.100.9 172.30.0.99; do
  busybox ip addr add "$address/32" dev lo
done

cd /etc/mailc/current
mkdir -p /etc/mailc-tls/key /etc/mailc-tls/certificate
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=mail.example.com \
  -keyout /etc/mailc-tls/key/key.pem -out /etc/mailc-tls/certificate/chain.pem 2>/dev/null
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 2>/dev/null >/tmp/dkim.pem

# Every domain has the same key: strings of a TXT record hold 255 bytes.
public_key=$(openssl pkey -in /tmp/dkim.pem -pubout -outform DER | openssl base64 -A)
dkim_records=()
while read -r domain key; do
  if [[ $domain == '#' ]]; then continue; fi
  selector=${key#*:}
  name=${selector%%:*}._domainkey.$domain
  dkim_records+=("--txt-record=$name,\"v=DKIM1; p=${public_key:0:200}\",\"${public_key:200}\"")
  install -D -o opendkim -m 600 /tmp/dkim.pem "${key##*:}"
done </etc/opendkim/KeyTable
chown -R opendkim /run/opendkim

# elsewhere.org takes everything, refusing.org refuses every recipient; 203.0.113.66 is in a block list.
dnsmasq --no-resolv --no-hosts --local=/#/ --user=root --listen-address=127.0.0.1 --bind-interfaces \
  --conf-file=/dev/null --log-queries --log-facility=/tmp/resolver \
  --mx-host=elsewhere.org,mx.elsewhere.org --host-record=mx.elsewhere.org,127.0.0.31 \
  --mx-host=origin.net,mx.elsewhere.org \
  --mx-host=refusing.org,mx.refusing.org --host-record=mx.refusing.org,127.0.0.32 \
  --host-record=smtp.provider.example,127.0.0.33 \
  --host-record=66.113.0.203.blocked.example,127.0.0.2 \
  --mx-host=example.com,mail.example.com \
  "${dkim_records[@]}"

mkdir -p /run/mailc /run/postgresql /tmp/sink /tmp/refused /tmp/smarthost /tmp/mailboxes
chmod 777 /tmp/sink /tmp/refused /tmp/smarthost /tmp/mailboxes
install -o postfix -m 600 pgpass /run/mailc/pgpass
chown postfix /var/lib/postfix

install -d -o postgres /tmp/database /run/postgresql
as_postgres=(setpriv --reuid=postgres --regid=postgres --init-groups)
bin=/usr/lib/postgresql/17/bin
"${as_postgres[@]}" $bin/initdb -D /tmp/database --no-sync \
  --auth-local=trust --auth-host=scram-sha-256 >/dev/null
"${as_postgres[@]}" $bin/pg_ctl -D /tmp/database -w start \
  -o '-c listen_addresses=127.0.0.24 -c fsync=off' >/dev/null
"${as_postgres[@]}" createdb mail
"${as_postgres[@]}" psql -q -d mail -v mail_password=database-password -f /tmp/sync.sql

(
  set -a
  # shellcheck source=/dev/null
  . ./postsrsd.env
  exec postsrsd -e
) &
opendkim -f -x /etc/opendkim/opendkim.conf &
dovecot -F -c /tmp/dovecot.conf &
smtp-sink -u nobody -R / -d /tmp/sink/ 127.0.0.31:25 100 &
smtp-sink -u nobody -R / -f rcpt 127.0.0.32:25 100 &
smtp-sink -u nobody -R / -d /tmp/smarthost/ 127.0.0.33:587 100 &
smtp-sink -L -u nobody -R / -d /tmp/mailboxes/ 127.0.0.21:24 100 &
busybox nc -ll -p 10024 -e busybox nc 127.0.0.22 10025 &
busybox nc -ll -p 12340 -e bash /tmp/quota-status.sh &
busybox nc -ll -p 7357 -e perl /tmp/milter.pl &

postfix -c /etc/mailc/current check >/dev/null
postfix -c /etc/mailc/current start-fg >/tmp/log 2>&1 &
for _ in {1..100}; do
  if (exec 3<>/dev/tcp/127.0.0.1/25 && read -r -t 5 greeting <&3 && [[ $greeting == 220* ]]) 2>/dev/null; then
    break
  fi
  sleep 0.1
done

set +euo pipefail
echo ready
exec bash
