#!/bin/sh
# Restore FILE into an empty database: all of it or nothing. The connection is DATABASE_URL's, or PGHOST's and so on.
# The database must exist; stop web, worker and beat first.
set -eu
file=${1:?usage: restore.sh FILE}
if [ -f "$file.sha256" ]; then
    (cd "$(dirname "$file")" && sha256sum --check --quiet "$(basename "$file").sha256")
fi
database=${DATABASE_URL:-${PGDATABASE:?set DATABASE_URL, or PGDATABASE and its companions}}
tables=$(psql --dbname="$database" --no-psqlrc --tuples-only --no-align \
    --command="SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
if [ "$tables" -ne 0 ]; then
    echo "restore.sh: the database already holds $tables tables. Restore into an empty one:" >&2
    echo "  DROP DATABASE holdout WITH (FORCE); CREATE DATABASE holdout;" >&2
    exit 1
fi
pg_restore --dbname="$database" --no-owner --no-privileges --exit-on-error --single-transaction "$file"
psql --dbname="$database" --no-psqlrc --quiet --command="ANALYZE"
echo "restored $file"
