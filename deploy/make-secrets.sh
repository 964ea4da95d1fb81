#!/bin/sh
# Make deploy/.env and deploy/tenants.env from their examples, with a new password wherever one is left out.
# What is there already is left as it is.
set -eu
cd "$(dirname "$0")"
umask 077
for name in .env tenants.env; do
    if [ -e "$name" ]; then
        echo "deploy/$name is there already"
        continue
    fi
    while IFS= read -r line; do
        case $line in
            # A letter first, for nats-server reads a value as it reads its configuration.
            PSMP_*_PASSWORD=) line=${line}p$(od -An -N20 -tx1 /dev/urandom | tr -d ' \n') ;;
        esac
        printf '%s\n' "$line"
    done <"$name.example" >"$name"
    echo "deploy/$name is made"
done
