#!/bin/sh
# Prepare PGDATA for the way back to MOMENT ('2026-11-22 14:05:00+00'): the base backup BASE in its place, and from WAL,
# the folder of archived segments, what happened until then. What was there before stays beside it as PGDATA.before.
# PostgreSQL must be stopped; at its next start it replays the log and takes up its work. BASE is older than MOMENT.
set -eu
usage='usage: back-to.sh PGDATA BASE WAL MOMENT'
data=${1:?$usage} base=${2:?$usage} wal=${3:?$usage} moment=${4:?$usage}
for needed in "$base/PG_VERSION" "$wal"; do
    [ -e "$needed" ] || { echo "back-to.sh: there is no $needed" >&2; exit 1; }
done
[ ! -e "$data/postmaster.pid" ] || { echo "back-to.sh: stop PostgreSQL first ($data/postmaster.pid)" >&2; exit 1; }
[ ! -e "$data.before" ] || { echo "back-to.sh: $data.before is left from an earlier try: look at it, then move it" >&2; exit 1; }

mv "$data" "$data.before"
cp -a "$base" "$data"
chmod 700 "$data"
cat >>"$data/postgresql.auto.conf" <<END
restore_command = 'cp "$wal/%f" "%p"'
recovery_target_time = '$moment'
recovery_target_action = 'promote'
END
touch "$data/recovery.signal"
