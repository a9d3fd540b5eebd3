#!/bin/sh
# Dump the database to FOLDER/holdout-MOMENT.dump, check that it can be read, and delete dumps older than KEEP_DAYS (30).
# The connection is DATABASE_URL's, or PGHOST's, PGUSER's and so on. Needs PostgreSQL's client programs, 18 or newer.
set -eu
umask 077
folder=${1:?usage: backup.sh FOLDER}
mkdir -p "$folder"
file=$folder/holdout-$(date -u +%Y%m%dT%H%M%SZ).dump
trap 'rm -f "$file.partial"' EXIT

# --no-sync is not given: the file has reached the disk when the name changes.
pg_dump ${DATABASE_URL:+--dbname="$DATABASE_URL"} --format=custom --no-owner --no-privileges --file="$file.partial"
pg_restore --list "$file.partial" >/dev/null
mv "$file.partial" "$file"
(cd "$folder" && sha256sum "${file##*/}" >"${file##*/}.sha256")
find "$folder" -name 'holdout-*.dump*' -mtime "+${KEEP_DAYS:-30}" -delete
echo "$file"
