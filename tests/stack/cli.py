# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The commands of `python3 -m tests.stack`, one for each Make target."""

import argparse
import shutil
import sys

from . import paths, postgres
from .errors import StackError
from .lock import lock
from .say import say


def main(arguments=None):
    """Carry out one command; return its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except StackError as error:
        say(f"\n{error}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. The same command goes on where it stopped.")
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="tests.stack", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def command(name, run, text):
        added = commands.add_parser(name, help=text)
        added.set_defaults(run=run)
        return added

    command("setup", _setup, "build everything that the other commands need")
    demo = command("demo", _demo, "bill the demo months and serve Odoo")
    demo.add_argument("--no-serve", action="store_true", help="end after the table")
    test = command("test", _test, "run all tests, or a part")
    test.add_argument("selection", nargs="?", help="a path or a keyword")
    scenario = command("scenario", _scenario, "bill scenario files in Odoo")
    scenario.add_argument("path", help="a .json file, or a folder of them")
    bench = command("bench", _bench, "measure billing beside OCA's contracts and Odoo")
    bench.add_argument("--size", type=int, default=500, help="contracts of each side")
    bench.add_argument("--large", type=int, default=5000, help="contracts; 0: none")
    bench.add_argument("--rounds", type=int, default=3, help="the median counts")
    bench.add_argument("--readings", type=int, default=1_000_000, help="0: none")
    bench.add_argument("--stored", type=int, default=5_000_000, help="0: none")
    suites = command("odoo-tests", _odoo_tests, "run Odoo's own tests with our modules")
    suites.add_argument("selection", nargs="?", help="sale,purchase …; else all")
    bench.add_argument("--reports", type=int, default=0, help="readings; 0: none")
    bench.add_argument("--partners", type=int, default=0, help="partners; 0: none")
    bench.add_argument("--messages", type=int, default=0, help="of partners; 0: none")
    command("lint", _lint, "run the linters")
    command("i18n", _i18n, "bring the translations up to the terms")
    command("stop", _stop, "stop the PostgreSQL server of this clone")
    command("clean", _clean, "delete build/ and the databases in it")
    return parser


# Imported when asked for: `stop` and `clean` work whatever state the rest is in.


def _setup(_options):
    from .run_setup import setup

    setup("make setup", testing=True)
    say("Ready. `. build/env.sh` sets up a shell to work by hand.")


def _demo(options):
    from .run_demo import run_demo

    return run_demo(serve=not options.no_serve)


def _test(options):
    from .run_tests import run_tests

    return run_tests(options.selection)


def _scenario(options):
    from .run_scenario import run_scenario

    return run_scenario(options.path)


def _bench(options):
    from ..bench.run_alarms import run_alarms
    from ..bench.run_bench import run_bench
    from ..bench.run_ingest import run_ingest
    from ..bench.run_partners import run_partners
    from ..bench.run_reports import run_reports

    if options.size:
        run_bench(options.size, options.large, options.rounds)
    if options.readings:
        run_ingest(options.readings, options.stored, options.rounds)
    if options.reports:
        run_reports(options.reports)
    if options.partners:
        run_partners(options.partners)
    if options.messages:
        run_alarms(options.messages)


def _odoo_tests(options):
    from .run_odoo_tests import run_odoo_tests

    return run_odoo_tests(options.selection)


def _i18n(_options):
    from .run_i18n import run_i18n

    return run_i18n()


def _lint(_options):
    from .run_lint import run_lint

    return run_lint()


def _stop(_options):
    if postgres.stop():
        say("PostgreSQL is stopped.")


def _clean(_options):
    with lock("setup", "make clean"):
        postgres.remove()
        shutil.rmtree(paths.BUILD, ignore_errors=True)
    if paths.BUILD.exists():
        sys.exit(f"Not all of {paths.BUILD} could be deleted: is it yours?")
