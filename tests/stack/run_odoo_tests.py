# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make odoo-tests`: Odoo's own tests still pass with our modules installed.

They run twice: in a database without our modules, which tells what fails on this
machine anyway (a font, a network, a file that Debian leaves out), and in one with
them. What fails only there, or does not run there, is ours to explain. The first
run is kept until Odoo or what it needs changes; hours are saved.
"""

import json
import re

from . import database, modules, odoo_server, paths, templates
from .errors import StackError
from .lock import lock
from .run_setup import setup
from .say import say
from .steps import key_of

#: Odoo's modules whose tests run, in this order.
SUITES = ("base_vat", "portal", "purchase", "sale", "account", "website")
FOLDER = paths.BUILD / "odoo-tests"
PLAIN, OURS = "meter_suite_plain", "meter_suite_ours"
#: `… INFO db odoo.addons.sale.tests.test_order: Starting TestOrder.test_total ...`
STARTED = re.compile(
    r" INFO \S+ (odoo\.addons\.\w+\.tests\.\S+): Starting (\S+) \.\.\.$"
)
#: `… ERROR db odoo.addons.sale.tests.test_order: FAIL: TestOrder.test_total`; a
#: subtest has `Subtest` before, a class that cannot be set up its dotted name after.
FAILED = re.compile(
    r"^\S+ \S+ \d+ ERROR \S+ (odoo\.addons\.\w+\.tests\.\S+): (?:FAIL|ERROR): "
    r"(?:Subtest )?(\w+(?:\.\w+)*)(?: \((odoo\.\S+)\))?"
)


def run_odoo_tests(selection=None):
    """Run the suites with and without our modules; print what ours break.

    :param selection: names of Odoo's modules, separated by commas; all of SUITES
    :return: exit status: 0 when nothing fails that passes without our modules
    """
    suites = tuple(selection.split(",")) if selection else SUITES
    setup("make odoo-tests", testing=True)
    FOLDER.mkdir(exist_ok=True)
    with lock("odoo-tests", "make odoo-tests"):
        with lock("setup", "make odoo-tests"):
            below, above = templates.base(), templates.module()
        without = _kept(suites) or _keep(suites, _run(PLAIN, below, suites))
        with_ours = _run(OURS, above, suites)
        broken = _again(with_ours["failed"].keys() - without["failed"].keys())
        database.drop(OURS)
    # Where a class could not be set up, its tests did not start.
    missing = sorted(set(without["started"]) - set(with_ours["started"]))
    for name in sorted(broken):
        print(f"\nBroken: {name}\n{with_ours['failed'][name]}")
    for name in missing:
        print(f"Did not run: {name}")
    print(
        f"{len(with_ours['started'])} tests of Odoo with our modules, "
        f"{len(without['started'])} without: {len(without['failed'])} fail without, "
        f"{len(with_ours['failed'])} with, {len(broken)} because of ours; "
        f"{len(missing)} did not run.",
        flush=True,
    )
    return 1 if broken or missing else 0


def parse(log):
    """Return what a log of Odoo's test runner tells.

    :return: `started`: names of tests; `failed`: the log's lines about each test
        that failed, by its name
    """
    started, failed, name = [], {}, None
    for line in log.splitlines():
        if odoo_server.RECORD.match(line):
            name = None
        if found := STARTED.search(line):
            started.append(".".join(found.groups()))
        elif found := FAILED.match(line):
            module, test, whole = found.groups()
            name = f"{test} ({whole})" if whole else f"{module}.{test}"
        if name:
            failed[name] = failed.get(name, "") + line + "\n"
    return {"started": sorted(set(started)), "failed": failed}


def _kept_file(suites):
    key = key_of(templates.base_key(), *suites)
    return FOLDER / f"without-{key}.json"


def _kept(suites):
    file = _kept_file(suites)
    return json.loads(file.read_text()) if file.is_file() else None


def _keep(suites, result):
    database.drop(PLAIN)
    _kept_file(suites).write_text(json.dumps(result, indent=1))
    return result


def _run(name, template, suites):
    """Run the suites in a copy of `template`; return what parse returns."""
    database.clone(template, name)
    tags = ",".join(f"/{suite}" for suite in suites)
    say(f"{name}: installing {', '.join(suites)}, with the tests at installation … ")
    known = modules.dependencies()
    new = [suite for suite in suites if suite not in known]
    old = [suite for suite in suites if suite in known]
    log = _odoo(
        name,
        "installation",
        *(["-i", ",".join(new)] if new else []),
        *(["-u", ",".join(old)] if old else []),
        f"--test-tags={tags},-post_install",
    )
    if "Registry loaded in" not in log:
        raise StackError(f"Odoo's modules do not install in {name}, see above.")
    for suite in suites:
        say(f"{name}: the tests of {suite} … ")
        log += _odoo(name, suite, f"--test-tags=/{suite}")
    return parse(log)


def _again(names):
    """Return those of the tests `names` that fail a second time as well."""
    single = [name for name in names if name.startswith("odoo.addons.")]
    again = set(names) - set(single)
    for name in single:
        module, test_class, method = name.split(".")[2], *name.split(".")[-2:]
        log = _odoo(OURS, "again", f"--test-tags=/{module}:{test_class}.{method}")
        result = parse(log)
        if name in result["failed"] or name not in result["started"]:
            again.add(name)
        else:
            say(f"Passed when run again, alone: {name}")
    return again


def _odoo(name, step, *options):
    """Run Odoo with its tests; failures are told from the log that is returned."""
    log = f"odoo-tests-{name}-{step}.log"
    try:
        return odoo_server.run(
            name,
            *options,
            f"--screenshots={FOLDER}",
            log=log,
            what=f"The tests of {step}",
            fatal=(),
        )
    except StackError:
        return (paths.LOGS / log).read_text(errors="replace")
