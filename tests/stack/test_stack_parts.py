# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Small parts of the stack, on real files, ports, processes and archives."""

import ast
import hashlib
import socket
import subprocess
import sys

import pytest

from . import (
    command,
    debian,
    modules,
    odoo,
    odoo_server,
    paths,
    ports,
    python_env,
    results,
    run_odoo_tests,
)
from .errors import StackError
from .lock import lock
from .web_client import dangling_links

LOG = """\
2026-01-31 10:00:00,000 7 INFO x odoo.modules.loading: loading
2026-01-31 10:00:01,000 7 WARNING x odoo.models: two fields have one label
2026-01-31 10:00:02,000 7 ERROR x odoo.sql_db: bad query
Traceback (most recent call last):
UndefinedColumn: no such column
2026-01-31 10:00:03,000 7 INFO x odoo.modules.loading: loaded
"""
REPORT = """\
<testsuites><testsuite>
<testcase name="a"/><testcase name="b"/>
<testcase name="c"><failure message="m"/></testcase>
<testcase name="d"><error message="m"/></testcase>
<testcase name="e"><skipped type="pytest.skip" message="no browser"/></testcase>
<testcase name="f"><skipped type="pytest.xfail" message="known"/></testcase>
</testsuite></testsuites>
"""


@pytest.fixture
def clone(tmp_path, monkeypatch):
    """Make the paths those of an empty clone; return its folder."""
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    for name in ("BUILD", "DOWNLOADS", "LOGS"):
        folder = tmp_path / "build" / name.lower()
        folder.mkdir(parents=True)
        monkeypatch.setattr(paths, name, folder)
    return tmp_path


class TestPorts:
    def test_a_taken_port_is_refused_with_another_one_proposed(self, monkeypatch):
        with socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            port = server.getsockname()[1]
            monkeypatch.setenv("HTTP_PORT", str(port))
            with pytest.raises(StackError, match=rf"port {port} is taken.*HTTP_PORT="):
                ports.http_port()
        assert ports.http_port() == port

    @pytest.mark.parametrize("text", ["http", "0", "65536", "-1"])
    def test_what_is_no_port_is_refused(self, monkeypatch, text):
        monkeypatch.setenv("HTTP_PORT", text)
        with pytest.raises(StackError, match="from 1 to 65535"):
            ports.http_port()

    def test_a_port_said_to_be_free_is(self):
        assert ports.is_free(ports.any_free())


class TestCommand:
    def test_a_failure_carries_advice_and_the_last_words(self, clone):
        script = "print('OSError: No space left on device'); raise SystemExit(1)"
        with pytest.raises(StackError, match="disk is full(?s:.*)No space left"):
            command.run([sys.executable, "-c", script], "x.log", what="Unpacking")

    def test_registries_are_advised_about_only_where_packages_are_fetched(self):
        said = "Temporary failure in name resolution"
        assert "check the network" in command.advice_for(said, fetches=True)
        assert command.advice_for(said) == ""

    def test_a_missing_program_is_an_error_of_ours(self, clone):
        with pytest.raises(StackError, match="Printing did not start"):
            command.run(["no-such-program"], "x.log", what="Printing")


class TestLock:
    def test_the_second_waits_for_the_first_and_says_for_whom(self, clone):
        script = (
            "import sys, pathlib; from tests.stack import lock, paths\n"
            "paths.BUILD = pathlib.Path(sys.argv[1])\n"
            "with lock.lock('setup', 'make demo'): print('got it')"
        )
        with lock("setup", "make test"):
            waiting = subprocess.Popen(
                [sys.executable, "-c", script, paths.BUILD],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                cwd=paths.PYTHON.parents[3],
            )
            assert "Waiting for `make test` (process" in waiting.stderr.readline()
            assert waiting.poll() is None
        assert waiting.communicate(timeout=30)[0] == "got it\n"


class TestResults:
    def test_a_junit_report_is_counted(self, tmp_path):
        report = tmp_path / "report.xml"
        report.write_text(REPORT)
        count = results.from_junit(report)
        assert (count.passed, count.failed, count.skipped) == (3, 2, 1)
        assert count.line == "3 passed, 2 failed, 1 skipped"

    def test_the_log_of_odoos_runner_is_counted(self):
        log = "… odoo.tests.result: 1 failed, 2 error(s) of 31 tests when loading …"
        assert results.from_odoo_log(log) == results.Count(passed=28, failed=3)

    def test_a_run_of_no_test_is_a_failure(self):
        log = "0 failed, 0 error(s) of 0 tests when loading database 'x'"
        assert results.from_odoo_log(log).failed == 1
        assert results.from_odoo_log("") is None


class TestOdooLog:
    def test_errors_bring_their_traceback(self):
        assert odoo_server.problems(LOG, odoo_server.ERRORS) == LOG.splitlines()[2:5]

    def test_warnings_are_problems_where_asked(self):
        assert len(odoo_server.problems(LOG, odoo_server.WARNINGS)) == 4


class TestModules:
    @pytest.fixture
    def module(self, clone):
        """Return the folder of a small module."""
        folder = clone / "meter_demo"
        (folder / "tests").mkdir(parents=True)
        (folder / "__manifest__.py").write_text("{'depends': ['account', 'portal']}")
        (folder / "models.py").write_text("one = 1")
        return folder

    def test_only_odoos_own_modules_are_dependencies(self, clone, module):
        (clone / "extension").mkdir()
        (clone / "extension/__manifest__.py").write_text(
            "{'depends': ['meter_demo', 'contacts']}"
        )
        assert modules.dependencies() == ["account", "contacts", "portal"]

    def test_the_modules_of_others_are_where_odoo_looks_for_them(self):
        folder = python_env.addons_folder()
        assert f",{folder}," in paths.ODOO_CONF.read_text()
        lines = paths.ADDON_REQUIREMENTS.read_text().splitlines()
        for pin in [line for line in lines if line and line[0] != "#"]:
            name = pin.partition("==")[0].removeprefix("odoo-addon-")
            manifest = folder / name.replace("-", "_") / "__manifest__.py"
            assert manifest.is_file(), pin

    def test_the_key_changes_with_any_file_but_tests(self, module):
        first = modules.files_key("meter_demo")
        (module / "tests/test_one.py").write_text("two = 2")
        assert modules.files_key("meter_demo") == first
        (module / "models.py").write_text("one = 2")
        second = modules.files_key("meter_demo")
        assert second != first
        (module / "models.py").rename(module / "fields.py")
        assert modules.files_key("meter_demo") not in (first, second)


class TestDebianPackages:
    CONTENT = b"a package"
    DEB = debian.Deb("fonts-x", "2:1.0-1", hashlib.sha256(CONTENT).hexdigest())

    class NoApt:
        """Where Debian would be asked: it has nothing."""

        def read_lists(self):
            pass

        def download(self, package, version, folder):
            raise StackError(f"Debian has no {package} {version}.")

    def test_a_file_of_the_cache_is_used_when_it_is_the_pinned_one(
        self, clone, monkeypatch
    ):
        cache = clone / "cache"
        cache.mkdir()
        monkeypatch.setenv("ODOO_CACHE", str(cache))
        file = cache / "fonts-x_2%3a1.0-1_all.deb"
        file.write_bytes(self.CONTENT)
        assert debian._fetch((self.DEB,), self.NoApt()) == file
        file.write_bytes(b"another package")
        with pytest.raises(StackError, match="name that folder in ODOO_CACHE"):
            debian._fetch((self.DEB,), self.NoApt())

    def test_a_fetched_file_that_is_not_the_pinned_one_is_refused(
        self, clone, monkeypatch
    ):
        monkeypatch.delenv("ODOO_CACHE", raising=False)

        class WrongApt(self.NoApt):
            def download(self, package, version, folder):
                (folder / "fonts-x_2%3a1.0-1_all.deb").write_bytes(b"another")

        with pytest.raises(StackError, match="not the file whose sha256"):
            debian._fetch((self.DEB,), WrongApt())


class TestOwnOdoo:
    def test_a_folder_without_odoo_is_refused(self, tmp_path, monkeypatch):
        monkeypatch.setenv("ODOO_HOME", str(tmp_path))
        with pytest.raises(StackError, match=r"no odoo/release\.py"):
            odoo.own_home()

    def test_another_release_is_refused(self, tmp_path, monkeypatch):
        (tmp_path / "odoo").mkdir()
        release = tmp_path / "odoo/release.py"
        release.write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
        monkeypatch.setenv("ODOO_HOME", str(tmp_path))
        with pytest.raises(StackError, match="an Odoo 18; Odoo 19 is needed"):
            odoo.own_home()
        release.write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
        assert odoo.own_home() == tmp_path


def test_links_that_lead_nowhere_are_found(tmp_path):
    (tmp_path / "font.ttf").touch()
    (tmp_path / "good").symlink_to("font.ttf")
    (tmp_path / "bad").symlink_to("gone.ttf")
    assert dangling_links(tmp_path) == [tmp_path / "bad"]


def test_every_test_file_of_a_module_is_imported():
    """Odoo's runner sees only what tests/__init__.py imports."""
    for name in modules.names():
        folder = paths.ROOT / name / "tests"
        initial = folder / "__init__.py"
        tree = ast.parse(initial.read_text() if initial.exists() else "")
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom)]
        imported = {alias.name for node in imports for alias in node.names}
        assert {file.stem for file in folder.glob("test_*.py")} <= imported


def test_pdf_printing_has_the_patched_qt():
    program = paths.BIN / "wkhtmltopdf"
    said = subprocess.run([program, "--version"], capture_output=True, text=True)
    assert "with patched qt" in said.stdout


class TestOdooTests:
    def test_a_log_tells_what_ran_and_what_failed(self):
        # Odoo ends the first kind of line with a space.
        tests = "odoo.addons.sale.tests.test_order"
        log = (
            f"2026-01-31 10:00:00,000 7 INFO x {tests}: Starting TestA.test_b ... \n"
            f"2026-01-31 10:00:01,000 7 INFO x {tests}: Starting TestA.test_c ... \n"
            f"2026-01-31 10:00:02,000 7 ERROR x {tests}: FAIL: TestA.test_c\n"
            "AssertionError: 1 != 2\n"
            "2026-01-31 10:00:03,000 7 ERROR x odoo.tests.suite: ERROR: setUpClass "
            f"({tests}.TestD)\n"
            "TypeError: no port\n"
            "2026-01-31 10:00:04,000 7 INFO x odoo.tests.result: 1 failed\n"
        )
        result = run_odoo_tests.parse(log)
        assert result["started"] == [f"{tests}.TestA.test_b", f"{tests}.TestA.test_c"]
        whole = f"setUpClass ({tests}.TestD)"
        assert list(result["failed"]) == [f"{tests}.TestA.test_c", whole]
        assert "1 != 2" in result["failed"][f"{tests}.TestA.test_c"]
        assert run_odoo_tests.tags_of(result["failed"]) == (
            "/sale:TestA.test_c,/sale:TestD"
        )
