-- Copyright 2026 Meter Billing contributors
-- License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
--
-- Runs once, when the database server starts on an empty volume.

-- Odoo's role may create its databases and nothing beyond. It may create the
-- extension pg_trgm in them too, which Odoo does: PostgreSQL trusts that one to
-- the owner of a database. psql reads the password from the secret itself, so
-- that it appears in no command line.
\set password `cat /run/secrets/db_password`
CREATE ROLE odoo LOGIN CREATEDB PASSWORD :'password';

-- The superuser needs no password: it comes in over the container's own socket,
-- and without one it cannot come in over the network.
ALTER ROLE postgres PASSWORD NULL;
