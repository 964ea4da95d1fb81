#!/bin/sh
# Run once by the postgres image, when the database is new: who logs in, with the rights that the migrations give.
set -eu
psql -v ON_ERROR_STOP=1 --no-psqlrc --quiet --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    -v keeper="$PSMP_POSTGRES_KEEPER_PASSWORD" \
    -v audit="$PSMP_POSTGRES_AUDIT_PASSWORD" \
    -v gateway="$PSMP_POSTGRES_GATEWAY_PASSWORD" \
    -v operator="$PSMP_POSTGRES_OPERATOR_PASSWORD" <<'SQL'
CREATE ROLE psmp_keeper NOLOGIN;
CREATE ROLE psmp_audit NOLOGIN;
CREATE ROLE psmp_reader NOLOGIN;
CREATE ROLE psmp_gateway NOLOGIN;
CREATE ROLE psmp_keys NOLOGIN;
CREATE ROLE keeper LOGIN PASSWORD :'keeper' IN ROLE psmp_keeper;
CREATE ROLE audit LOGIN PASSWORD :'audit' IN ROLE psmp_audit;
CREATE ROLE gateway LOGIN PASSWORD :'gateway' IN ROLE psmp_gateway;
CREATE ROLE operator LOGIN PASSWORD :'operator' IN ROLE psmp_reader, psmp_keys;
SQL
