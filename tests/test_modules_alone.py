# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Each module installs without the others, and leaves nothing behind when it goes."""

import subprocess

import pytest

from .crash import dealer
from .stack import database, modules, odoo_server, paths, postgres, templates
from .stack.lock import lock

#: Everything in a database that a module could leave behind.
SCHEMA = """
    SELECT 'column ' || table_name || '.' || column_name
      FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 'constraint ' || conrelid::regclass || '.' || conname
      FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION SELECT 'function ' || proname
      FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION SELECT 'data ' || model || ' ' || module || '.' || name
      FROM ir_model_data
     WHERE model NOT LIKE 'ir.model.%' AND model NOT LIKE 'account.%'
    UNION SELECT 'action ' || cron_name FROM ir_cron
"""


@pytest.fixture
def scratch():
    """Yield the name of a database that is dropped afterwards."""
    with lock("modules-alone", "the tests of modules alone"):
        database.drop(name := "meter_alone")
        yield name
        database.drop(name)


def needed(name):
    """Return the modules of this repository that module `name` depends on."""
    known = modules.manifests()
    direct = [other for other in known[name]["depends"] if other in known]
    return {found for other in direct for found in {other, *needed(other)}}


@pytest.mark.parametrize("name", modules.names())
def test_a_module_installs_with_nothing_but_what_it_depends_on(name, scratch):
    known = modules.manifests()
    below = {
        wanted
        for each in {name, *needed(name)}
        for wanted in known[each]["depends"]
        if wanted not in known
    }
    templates.install(scratch, sorted(below))
    # Not what would come by itself: that is glue, and needs more of them.
    templates.install(
        scratch, [name], "--skip-auto-install", fatal=odoo_server.WARNINGS
    )
    installed = postgres.query(
        "SELECT name FROM ir_module_module WHERE state = 'installed'", scratch
    ).split()
    assert set(installed) & set(known) == {name, *needed(name)}


def test_modules_are_uninstalled_without_a_trace(scratch):
    with lock("setup", "the tests of modules alone"):
        below = templates.base()
        before = schema(below)
        database.clone(templates.module(), scratch)
    # With contracts, readings, statements and invoices in it.
    assert dealer.start(scratch, "seed", 3).wait() == 0
    assert dealer.start(scratch, "bill", 3).wait() == 0
    invoices = dealer.count(scratch, "account_move", "state = 'posted'")
    assert invoices
    for name in modules.names():
        state = f"SELECT state FROM ir_module_module WHERE name = '{name}'"
        if postgres.query(state, scratch) == "uninstalled":
            continue  # it went with one that it depends on
        log = uninstall(scratch, name)
        assert odoo_server.problems(log, odoo_server.WARNINGS) == []
        assert postgres.query(state, scratch) == "uninstalled"
        # What is left still starts.
        odoo_server.run(
            scratch,
            log=f"without-{name}.log",
            what=f"Starting Odoo after {name} was uninstalled",
            fatal=odoo_server.WARNINGS,
        )
    assert schema(scratch) - before == set(), "left behind"
    assert before - schema(scratch) == set(), "taken away from Odoo"
    kept = dealer.count(scratch, "account_move", "state = 'posted'")
    assert kept == invoices, "invoices are accounting, they stay"


def schema(name):
    """Return what there is in database `name`, as lines for people."""
    return set(postgres.query(SCHEMA, name).splitlines())


def uninstall(name, module):
    """Uninstall `module` by Odoo's own command; return the log."""
    done = subprocess.run(
        [paths.BIN / "odoo", "module", "uninstall", "-d", name, module],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        env=odoo_server.environment(),
        cwd=paths.ROOT,
        check=False,
    )
    (paths.LOGS / f"uninstall-{module}.log").write_text(done.stderr)
    assert done.returncode == 0, done.stderr
    return done.stderr
