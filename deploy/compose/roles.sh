#!/bin/sh
# Once, when the cluster is made: who owns the tables, and who works in them.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$OQU_OWNER_PASSWORD" --set portal="$OQU_PORTAL_PASSWORD" <<'SQL'
CREATE ROLE oqu_owner LOGIN PASSWORD :'owner';
CREATE ROLE oqu LOGIN PASSWORD :'portal';
CREATE DATABASE oqu OWNER oqu_owner ENCODING 'UTF8' LOCALE 'C.UTF-8' TEMPLATE template0;
SQL
