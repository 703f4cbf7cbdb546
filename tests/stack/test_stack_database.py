# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Databases and templates, on the PostgreSQL server of this clone."""

import os

import pytest

from . import database, paths, postgres, templates
from .errors import StackError

NAME = f"meter_stack_{os.getpid()}"
COPY = f"{NAME}_copy"


@pytest.fixture
def source():
    """Return the name of a database with one record and one attachment."""
    postgres.query(f"CREATE DATABASE {NAME}")
    postgres.query("CREATE TABLE meter AS SELECT 7 AS value", NAME)
    folder = paths.FILESTORE / NAME / "ab"
    folder.mkdir(parents=True)
    (folder / "abc").write_text("attachment")
    yield NAME
    for name in (NAME, COPY):
        database.drop(name)


def test_a_clone_has_the_records_and_the_attachments(source):
    database.clone(source, COPY)
    assert postgres.query("SELECT value FROM meter", COPY) == "7"
    copied = paths.FILESTORE / COPY / "ab/abc"
    assert copied.read_text() == "attachment"
    database.drop(source)
    assert copied.read_text() == "attachment"


def test_a_clone_takes_the_place_of_an_older_one(source):
    database.clone(source, COPY)
    postgres.query("UPDATE meter SET value = 8", COPY)
    database.clone(source, COPY)
    assert postgres.query("SELECT value FROM meter", COPY) == "7"


def test_a_database_is_renamed_with_its_attachments(source):
    database.rename(source, COPY)
    assert not database.exists(source)
    assert (paths.FILESTORE / COPY / "ab/abc").exists()
    assert not (paths.FILESTORE / source).exists()


def test_what_a_database_was_made_from_is_kept_with_it(source):
    assert database.comment(source) == ""
    database.set_comment(source, "key:meter_billing=abc")
    assert database.comment(source) == "key:meter_billing=abc"


def test_a_name_that_would_need_quotes_is_refused():
    with pytest.raises(StackError, match="small letters"):
        database.drop('x"; DROP DATABASE template1; --')


def test_autovacuum_leaves_the_tables_of_a_database_for_tests_alone(source):
    options = "SELECT reloptions FROM pg_class WHERE relname = 'meter'"
    assert postgres.query(options, source) == ""
    database.forbid_vacuum(source)
    assert postgres.query(options, source) == "{autovacuum_enabled=false}"


def test_the_server_s_own_words_are_passed_on():
    with pytest.raises(StackError, match='relation "nothing" does not exist'):
        postgres.query("SELECT * FROM nothing")


def test_a_half_made_template_is_not_used(source, monkeypatch):
    """The template appears under its name only when it is complete."""

    def breaks_off(name):
        postgres.query(f"CREATE DATABASE {name}")
        raise StackError("the disk is full.")

    with pytest.raises(StackError, match="disk is full"):
        templates._build(COPY, breaks_off)
    assert not database.exists(COPY)
    templates._build(COPY, lambda name: database.clone(source, name))
    assert postgres.query("SELECT value FROM meter", COPY) == "7"
    assert not database.exists(f"{COPY}_new")


class TestWarmDatabase:
    @pytest.fixture
    def versions(self, monkeypatch):
        """Return the module keys and the base's key, to be changed by a test."""
        versions = {"base": "b1", "modules": {"one": "k1"}, "updated": []}
        monkeypatch.setattr(templates, "base_key", lambda: versions["base"])
        monkeypatch.setattr(templates, "module_keys", lambda: versions["modules"])
        monkeypatch.setattr(templates.modules, "names", lambda: versions["modules"])
        monkeypatch.setattr(
            templates.odoo_server,
            "run",
            lambda name, *arguments, **_options: versions["updated"].append(arguments),
        )
        return versions

    def bring(self, source):
        made = []

        def make(name):
            made.append(name)
            database.clone(source, name)

        did = templates.bring_up_to_date(COPY, make, tell=lambda text: None)
        return did, bool(made)

    def test_it_is_made_once_and_then_kept(self, source, versions):
        assert self.bring(source) == (True, True)
        assert self.bring(source) == (False, False)

    def test_changed_modules_are_updated_and_new_ones_installed(self, source, versions):
        self.bring(source)
        versions["modules"] = {"one": "k2", "two": "k1"}
        assert self.bring(source) == (True, False)
        assert versions["updated"] == [("-i", "two", "-u", "one")]
        assert self.bring(source) == (False, False)

    def test_it_is_made_anew_on_another_base_or_without_a_module(
        self, source, versions
    ):
        self.bring(source)
        versions["base"] = "b2"
        assert self.bring(source) == (True, True)
        versions["modules"] = {"two": "k1"}
        assert self.bring(source) == (True, True)


def test_a_shell_of_this_clone_means_its_own_server(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "PG", tmp_path)
    (tmp_path / "password").write_text("drawn by this clone\n")
    monkeypatch.setenv("PGHOST", "127.0.0.1")
    monkeypatch.setenv("PGPASSWORD", "drawn by this clone")
    assert not postgres.is_users_own()
    monkeypatch.setenv("PGPASSWORD", "another")
    assert postgres.is_users_own()
