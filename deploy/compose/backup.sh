#!/bin/sh
# What backs up: files of the store each five minutes, the database once a night, whole on Sundays. When both have
# ended well the stamp is touched, which `health` and the alarms look at. Of the first night it does not wait.
#
# STAMP: that file. HOUR: of the night, in UTC. RESTIC_REPOSITORY and RESTIC_PASSWORD_FILE: where the files go.
set -eu

tool() { gosu postgres pgbackrest --stanza=oqu "$@"; }

MADE=${STAMP%/*}/database # touched by each backup of the database: what comes after it may fail, and it is not made again

# Never made, or more than 25 hours ago; or it is the hour, and it was not this night.
is_due() {
    [ ! -e "$MADE" ] || [ -n "$(find "$MADE" -mmin +1500)" ] ||
        { [ "$(date -u +%H)" = "$HOUR" ] && [ -n "$(find "$MADE" -mmin +120)" ]; }
}

is_untold() { [ ! -e "$STAMP" ] || [ -n "$(find "$MADE" -newer "$STAMP")" ]; }

kind() { if [ "$(date -u +%u)" = 6 ]; then echo full; else echo diff; fi; } # UTC: in Almaty it is Sunday

database() { tool --type="$(kind)" backup && touch "$MADE"; }

tidy() { restic forget --no-cache --quiet --keep-within 35d --prune && touch "$STAMP"; }

restic cat config --no-cache >/dev/null 2>&1 || restic init --no-cache
until tool stanza-create; do sleep 60; done # changes nothing where it is made
while :; do
    restic unlock --no-cache --quiet || true # of who was killed; one that is at work keeps its own
    files=0
    restic backup --no-cache --quiet --exclude /store/.minio.sys/tmp --exclude /store/.minio.sys/multipart /store || files=$?
    case $files in
        0) ;;
        3) echo "some of the files could not be read: they are not in the backup" >&2 ;;
        *) echo "the files were not backed up" >&2 ;;
    esac
    if is_due && ! database; then # whatever became of the files
        echo "the database was not backed up" >&2
    elif [ "$files" = 0 ] && is_untold && ! tidy; then
        echo "what is too old was not taken out of the files' backup" >&2
    fi
    sleep 300
done
