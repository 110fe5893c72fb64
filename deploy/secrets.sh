#!/bin/sh
# deploy/secrets.sh DIR HOST   make what an installation keeps to itself, in DIR, for the portal at https://HOST
#
# Passwords, the key of files at rest, an authority of the inner network with a certificate of each server, and
# DIR/oqu.env, in which what others give (eGov, SmartBridge, the SMS gateway) is left to be filled in. Nothing
# that is there is made anew: run it again after an update. As root, so that each server may read its own.
set -eu
umask 077
case "${2:-}" in
    '' | *[!a-z0-9.-]*)
        sed -n '2,/^[^#]*$/s/^#\( \|$\)//p' "$0" >&2
        exit 2
        ;;
esac
host=$2
mkdir -p "$1/inner" "$1/etc/ca" "$1/etc/keys" "$1/etc/smartbridge" "$1/tls"
cd "$1"
chmod 711 tls # the portal reads the certificate there, and nobody but root the key
[ ! -e tls/key.pem ] || chmod 600 tls/key.pem

PORTAL=10001 POSTGRES=999 PGBOUNCER=10002 REDIS=999 STORE=0 # users of the images

own() { # own USER FILE…
    user=$1
    shift
    if [ "$(id -u)" = 0 ]; then chown -R "$user:$user" "$@"; fi
}

password() { openssl rand -hex 32; }

authority() {
    [ -e inner/ca.pem ] && return
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -days 3650 \
        -subj "/CN=OQU inner network" \
        -addext basicConstraints=critical,CA:TRUE,pathlen:0 -addext keyUsage=critical,keyCertSign,cRLSign \
        -keyout inner/ca.key -out inner/ca.new 2>/dev/null
    chmod 644 inner/ca.new
    mv inner/ca.new inner/ca.pem
}

server() { # server NAME USER
    if [ ! -e "inner/$1/server.crt" ]; then
        mkdir -p "inner/$1"
        openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -sha256 -subj "/CN=$1" \
            -keyout "inner/$1/server.key" -out "inner/$1/server.csr" 2>/dev/null
        printf 'subjectAltName=DNS:%s\nextendedKeyUsage=serverAuth\n' "$1" >"inner/$1/server.ext"
        openssl x509 -req -sha256 -days 1095 -in "inner/$1/server.csr" -CA inner/ca.pem -CAkey inner/ca.key \
            -CAcreateserial -extfile "inner/$1/server.ext" -out "inner/$1/server.new" 2>/dev/null
        rm "inner/$1/server.csr" "inner/$1/server.ext"
        mv "inner/$1/server.new" "inner/$1/server.crt"
    fi
    own "$2" "inner/$1"
}

authority
server postgres $POSTGRES
server pgbouncer $PGBOUNCER
server redis $REDIS
server store $STORE
[ -e inner/store/public.crt ] || { # by the names that MinIO looks for
    cp inner/store/server.crt inner/store/public.crt
    cp inner/store/server.key inner/store/private.key
    own $STORE inner/store
}

if [ ! -e etc/keys/data.keys ]; then
    key=$(openssl rand -base64 32)
    id=$(printf %s "$key" | base64 -d | sha256sum | head -c 8)
    echo "$(date +%y%m%d)a$id:$key" >etc/keys/data.keys.new
    mv etc/keys/data.keys.new etc/keys/data.keys
fi
own $PORTAL etc

mkdir -p inner/backup
[ -e inner/backup/restic.password ] || password >inner/backup/restic.password
[ -e backup.env ] || echo 'BACKUP_RECIPIENT=' >backup.env # of a cluster: age1…, whose private part lies elsewhere

if [ ! -e oqu.env ]; then
    owner=$(password) portal=$(password) redis=$(password) store=$(password)
    printf 'MINIO_ROOT_USER=oqu\nMINIO_ROOT_PASSWORD=%s\n' "$store" >store.env
    cat >postgres.env <<ENV
POSTGRES_PASSWORD=$(password)
OQU_OWNER_PASSWORD=$owner
OQU_PORTAL_PASSWORD=$portal
ENV
    cat >owner.env <<ENV
DATABASE_OWNER_URL=postgres://oqu_owner:$owner@postgres:5432/oqu?sslmode=verify-full&sslrootcert=/etc/oqu-inner/ca.pem
ENV
    cat >oqu.env.new <<ENV
# Of this installation alone. What stands empty is given by others; the portal does not start without it.
PUBLIC_URL=https://$host
SECRET_KEY=$(openssl rand -base64 48)
SEAL_PASSWORD=$(password)
MOBIZON_WEBHOOK_SECRET=$(password)
METRICS_TOKEN=$(password)
S3_ENDPOINT=https://store:9000
S3_KEY=oqu
S3_SECRET=$store
DATABASE_URL=postgres://oqu:$portal@pgbouncer:6432/oqu?sslmode=verify-full&sslrootcert=/etc/oqu-inner/ca.pem
POOLER_URL=postgres://oqu:$portal@pgbouncer:6432/pgbouncer?sslmode=verify-full&sslrootcert=/etc/oqu-inner/ca.pem
REDIS_URL=rediss://:$redis@redis:6379/0?ssl_ca_certs=/etc/oqu-inner/ca.pem
EGOV_CLIENT_ID=
EGOV_CLIENT_SECRET=
SMARTBRIDGE_URL=
SMARTBRIDGE_SENDER=
SMARTBRIDGE_PASSWORD=
SMARTBRIDGE_KEY_PASSWORD=
SERVICE_PERSON=
SERVICE_CHILDREN=
SERVICE_ADDRESS=
SERVICE_ENROLMENT=
SERVICE_MEDICAL=
SERVICE_CONSENT=
PORTAL_BIN=
MOBIZON_KEY=
ENV
    mv oqu.env.new oqu.env
fi

password_of() { sed -n "s|^$1=[a-z]*://[^:]*:\([^@]*\)@.*|\1|p" oqu.env; }

# What the servers are told beside their certificates, also after a server's folder was made anew.
printf '"oqu" "%s"\n' "$(password_of DATABASE_URL)" >inner/pgbouncer/userlist.txt
own $PGBOUNCER inner/pgbouncer
printf 'requirepass %s\n' "$(password_of REDIS_URL)" >inner/redis/password.conf
own $REDIS inner/redis
echo "In $(pwd): fill in oqu.env, put the national authority's certificates into etc/ca (root.cer, issuing.cer),"
echo "the organisation's key (key.p12), SmartBridge's certificates (signers.pem) and their authorities (ca.pem) into"
echo "etc/smartbridge, and the certificate of https://$host with its key into tls (fullchain.pem, key.pem);"
echo "then give what was put into etc to the portal's user, and let it read the certificate, the key not:"
echo "chown -R $PORTAL:$PORTAL $(pwd)/etc && chmod 644 $(pwd)/tls/fullchain.pem && chmod 600 $(pwd)/tls/key.pem"
