#!/bin/bash
# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
#
# Usage: with-secrets COMMAND [ARGUMENT…]
#
# Writes Odoo's configuration with the secrets to $ODOO_RC, then runs COMMAND.
#
# The base image's entry point can read the database password from a file, but
# hands it to Odoo as an argument, where every `ps` on the host shows it. It
# leaves out what the configuration file holds already: so it goes there, into
# memory (a tmpfs) and readable by Odoo's user alone.
set -euo pipefail

template=${ODOO_CONF_TEMPLATE:-/etc/odoo/odoo.conf}
password_file=${DB_PASSWORD_FILE:-/run/secrets/db_password}

fail() {
    echo "with-secrets: $1" >&2
    exit 1
}

[[ -r $password_file ]] \
    || fail "cannot read $password_file. Make the secrets, readable: see docker/README.md."
password=$(< "$password_file")
# A blank or a line break would be cut off by Odoo and kept by PostgreSQL.
[[ $password =~ ^[[:graph:]]+$ ]] \
    || fail "$password_file must hold one word on one line. Make it anew: see docker/README.md."

# The master password guards the database manager, which is switched off: no one
# needs to know it, so each start draws another.
master_password=$(head -c 24 /dev/urandom | base64)

umask 077
{
    cat "$template"
    printf '\ndb_password = %s\nadmin_passwd = %s\n' "$password" "$master_password"
} > "$ODOO_RC"

exec "$@"
