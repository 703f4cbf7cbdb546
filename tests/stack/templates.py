# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Template databases, so that no run installs the same thing twice.

`meter_base_KEY` has Odoo's modules that ours depend on; `meter_module_KEY` has ours
on top. The key in the name says what went in.
"""

from . import database, modules, odoo, odoo_server, paths, postgres
from .say import say
from .steps import key_of

BASE = "meter_base_"
MODULE = "meter_module_"


def base_key():
    """Return the key of everything below our own modules."""
    clone = str(paths.ROOT)  # which has the filestore
    return key_of(
        clone, odoo.release_key(), modules.dependencies(), paths.requirements()
    )


def module_keys():
    """Return the files' key of each of our modules."""
    return {name: modules.files_key(name) for name in modules.names()}


def base(tell=say):
    """Return the name of a database with the modules that ours depend on."""
    name = BASE + base_key()
    if not database.exists(name):
        wanted = modules.dependencies()
        tell(f"Installing Odoo's modules: {', '.join(wanted)} … ")
        _build(name, lambda new: install(new, wanted))
        _drop_others(BASE, name)
    return name


def module(tell=say):
    """Return the name of a database with our modules freshly installed.

    :raises StackError: they do not install
    """
    name = MODULE + key_of(base_key(), module_keys())
    if not database.exists(name):
        below = base(tell)
        tell(f"Installing {', '.join(modules.names())} … ")
        _build(name, lambda new: install_ours(new, below))
        _drop_others(MODULE, name)
    return name


def describe():
    """Return what a database with our modules as they are is made from."""
    files = ",".join(f"{name}={key}" for name, key in module_keys().items())
    return f"{base_key()}:{files}"


def install_ours(name, below, fatal=odoo_server.ERRORS):
    """Make database `name` from `below`, a base template, with our modules in it."""
    database.clone(below, name)
    install(name, modules.names(), fatal=fatal)
    database.set_comment(name, describe())


def install(name, wanted, *options, fatal=odoo_server.ERRORS):
    """Install the modules `wanted` into database `name`, made if it is not there.

    :param fatal: see odoo_server.run
    """
    odoo_server.run(
        name,
        "-i",
        ",".join(wanted),
        *options,
        log=f"install-{name}.log",
        what=f"Installing {', '.join(wanted)}",
        fatal=fatal,
    )


def bring_up_to_date(name, make, *options, tell=say):
    """Have database `name` hold our modules as they are, keeping it where possible.

    :param make: makes the database anew, given its name; for when there is none,
        it stands on other versions, or one of its modules is gone
    :param options: further options of Odoo for an update
    :return: whether anything had to be done
    """
    wanted = describe()
    found = database.comment(name) if database.exists(name) else ""
    if found == wanted:
        return False
    base_found, _colon, files = found.partition(":")
    held = dict(part.split("=") for part in files.split(",") if part)
    if base_found != base_key() or set(held) - set(modules.names()):
        make(name)
    else:
        _update(name, held, options, tell)
    database.set_comment(name, wanted)
    return True


def _update(name, held, options, tell):
    """Install and update what differs from `held`, the files' keys by module."""
    keys = module_keys()
    old = [module for module in keys if held.get(module, keys[module]) != keys[module]]
    new = [module for module in keys if module not in held]
    tell(f"Updating {', '.join(new + old)} in {name} … ")
    odoo_server.run(
        name,
        *(["-i", ",".join(new)] if new else []),
        *(["-u", ",".join(old)] if old else []),
        *options,
        log=f"update-{name}.log",
        what=f"Updating {', '.join(new + old)}",
    )


def _build(name, make):
    """Make a template under another name, so that a half-made one is never used."""
    half_made = f"{name}_new"
    database.drop(half_made)
    make(half_made)
    database.rename(half_made, name)


def _drop_others(prefix, keep):
    if postgres.is_users_own():  # other clones may have theirs there
        return
    for name in database.names(prefix):
        if name != keep:
            database.drop(name)
