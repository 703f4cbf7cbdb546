# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""`make test`: every test of the repository, or those that T= names.

All of them:

1. pure Python tests, without Odoo;
2. a fresh installation of the modules, in which a warning is a failure;
3. an update of all modules, likewise;
4. the modules' tests by Odoo's own runner;
5. beside it, the modules' tests and those of tests/ by pytest-odoo, with a real
   browser.

With T= only pytest runs, on a database kept warm between runs.
"""

import ast
import os
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from . import database, modules, odoo_server, paths, templates
from .errors import StackError
from .lock import lock
from .results import Count, from_junit, from_odoo_log, table
from .run_setup import setup
from .say import say

#: The stack's own tests never import Odoo, the programs that it starts do.
STACK = Path(__file__).resolve().parent

WARM = "meter_test"
CHECKED = "meter_check"
PYTEST = ("-m", "pytest", "-rs", "--odoo-http", "--odoo-log-level=warn")


def run_tests(selection=None):
    """Run the tests that `selection` names, or all; print the counts.

    :param selection: a path, as pytest takes it, or a keyword of `pytest -k`
    :return: exit status: 0 when at least one test ran and all that ran passed
    :raises StackError: the modules do not install or update, or no test was found
    """
    setup("make test", testing=True)
    shutil.rmtree(paths.RESULTS, ignore_errors=True)
    paths.RESULTS.mkdir(parents=True)
    with lock(WARM, "make test"):
        counts = _run_part(selection) if selection else _run_all()
    total = sum(counts.values(), Count())
    if not total.passed and not total.failed:
        raise StackError(f"no test was found for T={selection}.")
    print(table(counts))
    skips_count = 0 if selection else total.skipped
    if skips_count:
        print("A skipped test proves nothing: skips count as failures here.")
    print(total.line, flush=True)
    return 1 if total.failed or skips_count else 0


def pure_paths():
    """Return the files and folders of tests/ whose tests need no Odoo."""
    return [path for path in _above_modules() if not _imports_odoo(path)]


def odoo_paths():
    """Return the files and folders with tests that need Odoo and a database."""
    of_modules = [
        paths.ROOT / name / "tests"
        for name in modules.names()
        if (paths.ROOT / name / "tests").is_dir()
    ]
    above = [path for path in _above_modules() if _imports_odoo(path)]
    return of_modules + above


def _run_all():
    counts = {"pure Python": _pure(pure_paths())}
    for name, prove in (("installation", _install), ("update", _update)):
        try:
            prove()
        except StackError as error:
            say(str(error))
            counts[name] = Count(failed=1)
            return counts
        counts[name] = Count(passed=1)
    # Side by side, each in a database of its own: both wait for a browser at times.
    with ThreadPoolExecutor(max_workers=1) as beside:
        runner = beside.submit(_odoo_runner)
        counts["pytest-odoo"] = _with_odoo(odoo_paths())
        counts["Odoo's runner"] = runner.result()
    return counts


def _run_part(selection):
    path = Path(selection.partition("::")[0])
    if path.exists() or "/" in selection:
        if not path.exists():
            raise StackError(f"T={selection}: there is no {path}.")
        if _is_pure(path.resolve()):
            return {"pure Python": _pure([selection])}
        _warm_up()
        return {"pytest-odoo": _with_odoo([selection])}
    keyword = ("-k", selection)
    counts = {"pure Python": _pure([*keyword, *pure_paths()])}
    _warm_up()
    counts["pytest-odoo"] = _with_odoo([*keyword, *odoo_paths()])
    return counts


def _warm_up():
    """Bring the warm database up to date with as little work as possible."""
    with lock("setup", "make test"):
        templates.bring_up_to_date(
            WARM, lambda name: templates.install_ours(name, templates.base())
        )


def _install():
    """Install all modules into a fresh database: nothing may warn or break."""
    with lock("setup", "make test"):
        below = templates.base()
        say(f"Installing {', '.join(modules.names())} … ")
        templates.install_ours(WARM, below, fatal=odoo_server.WARNINGS)


def _update():
    """Update all modules in a copy of it, likewise."""
    say(f"Updating {', '.join(modules.names())} … ")
    database.clone(WARM, CHECKED)
    odoo_server.run(
        CHECKED,
        "-u",
        ",".join(modules.names()),
        log=f"update-{CHECKED}.log",
        what="Updating the modules",
        fatal=odoo_server.WARNINGS,
    )


def _odoo_runner():
    """Run the modules' tests as Odoo does, on the updated database."""
    say("Odoo's own test runner … ")
    database.forbid_vacuum(CHECKED)
    tags = ",".join(f"/{name}" for name in modules.names())
    try:
        log = odoo_server.run(
            CHECKED,
            f"--test-tags={tags}",
            log="odoo-tests.log",
            what="Odoo's test runner",
            fatal=(),
        )
    except StackError as error:
        say(str(error))
        log = (paths.LOGS / "odoo-tests.log").read_text(errors="replace")
        return from_odoo_log(log) or Count(failed=1)
    finally:
        database.drop(CHECKED)
    return from_odoo_log(log)


def _pure(selection):
    if not selection or selection[0] == "-k" and len(selection) == 2:
        return Count()
    options = ("-m", "pytest", "-rs", "-p", "no:odoo")
    return _pytest([*options, *selection], "pure")


def _with_odoo(selection):
    if not selection:
        return Count()
    database.forbid_vacuum(WARM)
    return _pytest([*PYTEST, f"--odoo-database={WARM}", *selection], "odoo")


def _pytest(arguments, name):
    """Run pytest, its output to standard output, and count what it reports."""
    report = paths.RESULTS / f"{name}.xml"
    started = time.time()
    environment = odoo_server.environment()
    if name == "pure":
        environment.pop("ODOO_RC")
    code = subprocess.run(
        [paths.PYTHON, *arguments, f"--junitxml={report}"],
        stdin=subprocess.DEVNULL,
        env=environment,
        cwd=paths.ROOT,
        check=False,
    ).returncode
    if not report.is_file():
        raise StackError(f"pytest ended with status {code} and without a report.")
    count = from_junit(report, seconds=time.time() - started)
    # Status 5 is `no test was collected`; others than 1 are not in the report.
    if code not in (0, 1, 5) and not count.failed:
        raise StackError(f"pytest ended with status {code}, see above.")
    return count


def _above_modules():
    return sorted(
        path
        for path in (paths.ROOT / "tests").iterdir()
        if any(path.rglob("test_*.py")) or path.match("test_*.py")
    )


def _imports_odoo(path):
    """Tell whether the tests of `path` import Odoo, as their syntax trees say."""
    for file in path.rglob("*.py") if path.is_dir() else [path]:
        for node in ast.walk(ast.parse(file.read_text(), filename=str(file))):
            imported = []
            if isinstance(node, ast.Import):
                imported = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level:
                imported = [node.module]
            if any(name.partition(".")[0] == "odoo" for name in imported):
                return path != STACK
    return False


def _is_pure(path):
    return any(
        os.path.commonpath([path, known]) == str(known) for known in pure_paths()
    )
