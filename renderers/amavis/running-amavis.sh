# The inner half of running-amavis.ts: what Amavis's container has around it, and then Amavis as the container runs
# it: by its entrypoint, with a read-only root file system and the container's capabilities only.

printf '%s\n' '127.0.0.21 clamav' '127.0.0.22 postfix' >>/etc/hosts
# A container beside ours, and somebody from elsewhere.
busybox ip addr add 172.30.0.99/32 dev lo
busybox ip addr add 203.0.113.7/32 dev lo

# The domain key of signed.example, and of every other name it is known that there is none.
openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out /tmp/dkim.pem 2>/dev/null
key=$(openssl pkey -in /tmp/dkim.pem -pubout -outform DER | openssl base64 -A)
echo 'nameserver 127.0.0.1' >/etc/resolv.conf
dnsmasq --no-resolv --no-hosts --local=/#/ --user=root --listen-address=127.0.0.1 --bind-interfaces \
  --log-queries --log-facility=/tmp/dns.log \
  --conf-file=/dev/null --txt-record="mail._domainkey.signed.example,v=DKIM1; p=${key:0:200},${key:200}"

# One signature, so that clamd starts at once.
mkdir -p /srv/clamav/tmp
printf 'Eicar-Test:0:*:%s\n' 58354f2150254041505b345c505a58353428505e2937434329377d24$(
  )45494341522d5354414e444152442d414e544956495255532d544553542d46494c452124482b482a >/srv/clamav/test.ndb
chown -R clamav:clamav /srv/clamav
mount --bind /srv/clamav /var/lib/clamav
start_clamd() {
  clamd --config-file=/tmp/clamd.conf >/tmp/clamd.log 2>&1 &
  clamd=$!
  until [ "$(printf 'zPING\0' | busybox nc -w 1 127.0.0.21 3310 2>/dev/null | tr -d '\0')" = PONG ]; do sleep 0.1; done
}
stop_clamd() {
  kill $clamd
  wait $clamd || :
}
start_clamd

mkdir -m 777 /tmp/sent
smtp-sink -u nobody -R / -d /tmp/sent/ 127.0.0.22:10025 100 &

# Volumes are new, and root's. A tmpfs takes the mode of the folder that it covers, as Docker's does.
mkdir -p /container /srv/volumes/{amavis,bayes,learn/ham,learn/spam,spamassassin,vmail}
mkdir -p /var/lib/spamassassin /var/spamassassin/bayes_db /var/spool/learn /var/vmail
mount --rbind / /container
mount -o remount,bind,ro /container
for folder in $TMPFS; do
  mount -t tmpfs -o "mode=$(stat -c %a "$folder")" tmpfs "/container$folder"
done
mount --bind /srv/volumes/amavis /container/var/lib/amavis
mount --bind /srv/volumes/spamassassin /container/var/lib/spamassassin
mount --bind /srv/volumes/bayes /container/var/spamassassin/bayes_db
mount --bind /srv/volumes/vmail /container/var/vmail
mount --bind /srv/volumes/learn /container/var/spool/learn

# in_container COMMAND...: with what the container may do, and no more
in_container() {
  chroot /container setpriv --no-new-privs --bounding-set "-all$CAPABILITIES" --inh-caps -all "$@"
}
in_container /usr/local/bin/entrypoint $COMMAND >/tmp/log 2>&1 &
for _ in {1..300}; do
  if (exec 3<>/dev/tcp/127.0.0.1/10024 && read -r -t 5 greeting <&3 && [[ $greeting == 220* ]]) 2>/dev/null; then
    break
  fi
  sleep 0.1
done
