# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make odoo-tests`: Odoo's own tests still pass with our modules installed.

They run in a database with our modules; what fails runs again, there and in a
database without them. So what fails on this machine anyway (a font, a network, a
file that Debian leaves out), or now and then, is told apart from what ours break.
"""

import re

from . import database, modules, odoo_server, paths, templates
from .errors import StackError
from .lock import lock
from .run_setup import setup
from .say import say

#: Odoo's modules whose tests run, in this order.
SUITES = ("base_vat", "portal", "purchase", "sale", "account", "website")
#: Tests that cannot pass with ours, and why that is meant.
STRICTER = {
    "odoo.addons.base_vat.tests.test_vat_numbers.TestStructure.test_vat_vn": (
        "Its number of a Vietnamese company has a wrong check digit, which ours refuse"
    ),
}
PLAIN, OURS = "meter_suite_plain", "meter_suite_ours"
#: `… INFO db odoo.addons.sale.tests.test_order: Starting TestOrder.test_total ...`
STARTED = re.compile(
    r" INFO \S+ (odoo\.addons\.\w+\.tests\.\S+): Starting (\S+) \.\.\. ?$"
)
#: `… ERROR db odoo.addons.sale.tests.test_order: FAIL: TestOrder.test_total`; a
#: subtest has `Subtest` before, a class that cannot be set up its dotted name after.
FAILED = re.compile(
    r"^\S+ \S+ \d+ ERROR \S+ (odoo\.(?:addons\.\w+\.)?tests\.\S+): (?:FAIL|ERROR): "
    r"(?:Subtest )?(\w+(?:\.\w+)*)(?: \((odoo\.\S+)\))?"
)


def run_odoo_tests(selection=None):
    """Run Odoo's suites with our modules; print what ours break.

    :param selection: names of Odoo's modules, or `module:Class`, separated by commas;
        else all of SUITES
    :return: exit status: 0 when nothing fails that passes without our modules
    """
    suites = tuple(selection.split(",")) if selection else SUITES
    setup("make odoo-tests", testing=True)
    with lock("odoo-tests", "make odoo-tests"):
        with lock("setup", "make odoo-tests"):
            below, above = templates.base(), templates.module()
        _install(OURS, above, suites)
        log = "".join(_tests(OURS, suite, f"/{suite}") for suite in suites)
        result = parse(log)
        failed = result["failed"]
        known = anyway(failed, below, suites) if failed else {}
        database.drop(OURS)
    broken = sorted(set(failed) - set(known))
    for name, why in sorted(known.items()):
        print(f"{why}: {name}")
    for name in broken:
        print(f"\nBroken: {name}\n{failed[name]}")
    print(
        f"{len(result['started'])} tests of Odoo ran with our modules: "
        f"{len(broken)} broken by ours, {len(known)} explained above.",
        flush=True,
    )
    return 1 if broken or not result["started"] else 0


def anyway(failed, below, suites):
    """Return those of the tests `failed` that ours did not break, with the reason."""
    known = {name: STRICTER[name] for name in STRICTER.keys() & failed}
    _install(PLAIN, below, suites)
    plain = _again(PLAIN, failed.keys() - known)
    known.update(dict.fromkeys(plain["failed"].keys() & failed, "Fails without ours"))
    database.drop(PLAIN)
    again = _again(OURS, failed.keys() - known)
    known.update(
        dict.fromkeys(
            (failed.keys() & again["started"]) - again["failed"].keys(),
            "Passed when run again",
        )
    )
    return known


def _again(name, failed):
    """Run the tests `failed` in database `name`; return what parse tells."""
    return parse(_tests(name, "what failed", tags_of(failed)) if failed else "")


def tags_of(names):
    """Return the test tags of tests, or of whole classes, named as parse does."""
    tags = set()
    for name in names:
        module = re.search(r"odoo\.addons\.(\w+)\.", name)[1]
        if whole := re.search(r"\.(\w+)\)$", name):
            tags.add(f"/{module}:{whole[1]}")
        else:
            tags.add(f"/{module}:{'.'.join(name.split('.')[-2:])}")
    return ",".join(sorted(tags))


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


def _install(name, template, suites):
    """Install the suites' modules in a copy of `template`, after what it holds."""
    database.clone(template, name)
    wanted = {suite.partition(":")[0] for suite in suites}
    if new := sorted(wanted - set(modules.dependencies())):
        say(f"{name}: installing {', '.join(new)} … ")
        log = f"odoo-tests-{name}-installation.log"
        odoo_server.run(name, "-i", ",".join(new), log=log, what="The installation")
    database.forbid_vacuum(name)


def _tests(name, what, tags):
    """Run the tests that `tags` selects, those at installation as well.

    :param what: their name for the user and the log's file
    :return: the log; what failed is told from it
    """
    say(f"{name}: the tests of {what} … ")
    log = f"odoo-tests-{name}-{what.replace(' ', '-')}.log"
    try:
        return odoo_server.run(
            name,
            f"--test-tags={tags}",
            f"--screenshots={paths.RESULTS}",
            log=log,
            what=f"The tests of {what}",
            fatal=(),
            session="odoo_tests_session",
        )
    except StackError:
        return (paths.LOGS / log).read_text(errors="replace")
