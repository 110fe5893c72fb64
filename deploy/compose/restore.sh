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
gosu postgres pgbackrest --stanza=oqu --pg1-path="$PLACE/database" --type=time --target="$moment" \
    --target-action=promote --archive-mode=off restore
echo "$newest" | while read -r _when id; do
    restic restore "$id" --no-cache --no-lock --quiet --target "$PLACE"
done
