#!/bin/sh
# What a drill looks at: the database as it was when the last backup but one of the files began, and the files of that one
# and of the last one over it, so that what was erased between the two is there.
#
# PLACE: a folder in which nothing lies but, at most, empty folders (a volume each). RESTIC_REPOSITORY and RESTIC_PASSWORD_FILE: where the files are.
set -eu

if [ -n "$(find "$PLACE" -mindepth 1 ! -path "$PLACE/database" ! -path "$PLACE/run" ! -path "$PLACE/store" ! -path "$PLACE/files")" ]; then
    echo "$PLACE holds an earlier drill: take its volumes away (docs/backup.md, \"In containers\")" >&2
    exit 1
fi

# The newest two, one a line: when it began, and its id.
newest=$(restic snapshots --no-cache --no-lock --json |
    grep -o '"\(time\|short_id\)":"[^"]*"' | cut -d '"' -f 4 | paste -d ' ' - - | sort | tail -n 2)
if [ -z "$newest" ]; then
    echo "the files were never backed up" >&2
    exit 1
fi
moment=$(echo "$newest" | sed -n '1s/^\(.*\)T\([0-9:]*\).* .*/\1 \2+00/p') # in UTC, as a container has it

install -d -o postgres -m 0700 "$PLACE/database"
install -d -o postgres -m 0755 "$PLACE/run"
install -d -o 10001 -g 10001 -m 0700 "$PLACE/files"

# The portal's own database is on that disk too: the database, the files twice (as the store lays them, and copied out of
# it), and a tenth for what the portal goes on to write. Of several backups the largest counts.
largest() { grep -o "\"$1\":[0-9]*" | cut -d : -f 2 | sort -n | tail -n 1; }
database=$(gosu postgres pgbackrest --stanza=oqu --output=json info | largest size)
files=$(echo "$newest" | while read -r _when id; do
    restic stats "$id" --mode restore-size --no-cache --no-lock --json
done | largest total_size)
if [ -z "$database" ] || [ -z "$files" ]; then
    echo "the backups do not say how large they are" >&2
    exit 1
fi
wanted=$(((database + 2 * files) * 11 / 10 / 1048576))
free=$(($(df --output=avail --block-size=1 "$PLACE/database" | tail -n 1) / 1048576))
if [ "$wanted" -gt "$free" ]; then
    echo "a drill wants $wanted MB and the disk of $PLACE has $free MB left: nothing was restored" >&2
    exit 1
fi

gosu postgres pgbackrest --stanza=oqu --pg1-path="$PLACE/database" --type=time --target="$moment" \
    --target-action=promote --archive-mode=off restore
echo "$newest" | while read -r _when id; do
    restic restore "$id" --no-cache --no-lock --quiet --target "$PLACE"
done
