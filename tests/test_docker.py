# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What must hold in docker/: no engine needed, Odoo only in a process of its own."""

import ast
import configparser
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
DOCKER = ROOT / "docker"
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
SERVICES = COMPOSE["services"]
RUNNING = ("db", "odoo")
# PostgreSQL's default max_connections less those it reserves for superusers.
CONNECTIONS = 97

UNKNOWN_OPTIONS = """
import sys
from odoo.tools import config
config.parse_config(["--config", sys.argv[1]], setup_logging=False)
print(*sorted(set(config._file_options) - set(config.options_index)))
"""


@pytest.fixture
def conf():
    """Return the section of docker/odoo.conf."""
    parser = configparser.RawConfigParser()
    parser.read(DOCKER / "odoo.conf")
    return parser["options"]


@pytest.fixture
def with_secrets(tmp_path):
    """Return a function that runs a command through with-secrets.sh."""

    def run(secret, *command):
        (tmp_path / "db_password").write_text(secret)
        environment = {
            "PATH": "/usr/bin:/bin",
            "ODOO_RC": str(tmp_path / "odoo.conf"),
            "ODOO_CONF_TEMPLATE": str(DOCKER / "odoo.conf"),
            "DB_PASSWORD_FILE": str(tmp_path / "db_password"),
        }
        return subprocess.run(
            [DOCKER / "with-secrets.sh", *command],
            env=environment,
            capture_output=True,
            text=True,
        )

    return run


def dockerfile_lines():
    """Return the Dockerfile's instructions, continued lines joined."""
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and line[0] != "#"]


def copied_files():
    """Return the sources of the Dockerfile's COPY instructions."""
    copies = [shlex.split(line) for line in dockerfile_lines() if "COPY " in line[:5]]
    return [word for words in copies for word in words[1:-1] if word[:2] != "--"]


def context_entries():
    """Return what Dockerfile.dockerignore lets into the build."""
    lines = (DOCKER / "Dockerfile.dockerignore").read_text().splitlines()
    return {line[1:] for line in lines if line.startswith("!")}


def manifests():
    """Return the manifests of the suite's modules by module name."""
    return {
        path.parent.name: ast.literal_eval(path.read_text())
        for path in ROOT.glob("*/__manifest__.py")
    }


def test_copied_files_exist_and_are_in_the_context():
    assert copied_files(), "the Dockerfile copies nothing"
    for name in copied_files():
        assert (ROOT / name).is_file(), name
        assert name in context_entries(), name


def test_the_image_holds_every_module():
    assert manifests(), "no module found"
    assert set(manifests()) <= context_entries()


def test_modules_need_no_python_package_that_the_image_lacks():
    # These belong to Odoo itself; the Dockerfile installs the others, as pinned.
    from_odoo = {"dateutil", "lxml", "xlsxwriter"}
    dockerfile = (ROOT / "docker/Dockerfile").read_text()
    pinned = (ROOT / "requirements.txt").read_text().splitlines()
    for name, manifest in manifests().items():
        needed = set(manifest.get("external_dependencies", {}).get("python", ()))
        for package in needed - from_odoo:
            (pin,) = [line for line in pinned if line.startswith(f"{package}==")]
            assert pin in dockerfile, (name, package)


def test_the_image_has_the_modules_of_others(conf):
    lines = (ROOT / "requirements-addons.txt").read_text().splitlines()
    pins = [line for line in lines if line and line[0] != "#"]
    assert pins
    (install,) = [line for line in dockerfile_lines() if "--no-deps" in line]
    assert [word for word in shlex.split(install) if "==" in word] == pins
    target = re.search(r"--target (\S+)", install).group(1)
    assert f"{target}/odoo/addons" in conf["addons_path"].split(",")


def test_no_secret_is_written_down(conf):
    for service in SERVICES.values():
        for variable in service.get("environment", {}):
            if "PASS" in variable:
                assert variable.endswith("_FILE"), variable
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"secrets/{name}"}
    ignored = (DOCKER / "secrets" / ".gitignore").read_text().splitlines()
    assert [line for line in ignored if line[0] != "#"] == ["*", "!.gitignore"]
    assert not {"db_password", "admin_passwd"} & set(conf)
    variables = [line for line in dockerfile_lines() if re.match("ENV|ARG", line)]
    assert not [line for line in variables if "PASS" in line.upper()]


def test_only_the_services_that_need_a_secret_have_it():
    assert SERVICES["db"]["secrets"] == ["db_password"]
    assert SERVICES["odoo"]["secrets"] == ["db_password"]
    assert SERVICES["init"]["secrets"] == ["db_password", "admin_password"]


@pytest.mark.parametrize("name", RUNNING)
def test_running_services_are_watched_and_limited(name):
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert service["restart"] == "unless-stopped"
    assert {"cpus", "memory"} <= set(service["deploy"]["resources"]["limits"])
    assert service["read_only"] is True
    kept = [volume.split(":")[0] for volume in service["volumes"]]
    assert kept[0] in COMPOSE["volumes"], "the data must be in a named volume"


def test_odoo_waits_for_a_healthy_database():
    for name in ("odoo", "init"):
        needed = SERVICES[name]["depends_on"]["db"]["condition"]
        assert needed == "service_healthy"


def test_ports_are_odoos_two_on_loopback(conf):
    ports = {conf["http_port"], conf["gevent_port"]}
    assert set(SERVICES["odoo"]["ports"]) == {
        f"127.0.0.1:{port}:{port}" for port in ports
    }
    assert [name for name, service in SERVICES.items() if "ports" in service] == [
        "odoo"
    ]
    assert (
        f":{conf['http_port']}/web/health"
        in SERVICES["odoo"]["healthcheck"]["test"][-1]
    )


def test_postgresql_has_a_pinned_major_version():
    assert re.fullmatch(r"postgres:\d+-\w+", SERVICES["db"]["image"])


def test_odoo_leaves_the_database_a_connection(conf):
    processes = 1 + conf.getint("workers") + conf.getint("max_cron_threads")
    most = processes * conf.getint("db_maxconn") + conf.getint("db_maxconn_gevent")
    assert most <= CONNECTIONS


def test_configuration_is_closed_to_the_outside(conf):
    assert conf.getboolean("proxy_mode")
    assert not conf.getboolean("list_db")
    assert not conf.getboolean("with_demo")
    source = (DOCKER / "init_database.py").read_text()
    database = re.search('^DATABASE = "(.+)"$', source, re.M).group(1)
    assert conf["dbfilter"] == f"^{database}$"
    assert conf["db_host"] in SERVICES


def test_odoo_knows_every_option(with_secrets, tmp_path):
    result = with_secrets(
        "s3cret", sys.executable, "-c", UNKNOWN_OPTIONS, str(tmp_path / "odoo.conf")
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == []


def test_secrets_end_in_a_private_file(with_secrets, tmp_path):
    result = with_secrets("s3cret\n", "/usr/bin/env")
    assert result.returncode == 0, result.stderr
    assert "s3cret" not in result.stdout
    written = tmp_path / "odoo.conf"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    parser = configparser.RawConfigParser()
    parser.read(written)
    assert parser["options"]["db_password"] == "s3cret"
    assert len(parser["options"]["admin_passwd"]) >= 24
    assert parser["options"]["dbfilter"] == "^meter_billing$"


@pytest.mark.parametrize("secret", ["", "two words", "two\nlines", "word \n"])
def test_a_secret_that_would_be_cut_off_is_refused(with_secrets, tmp_path, secret):
    result = with_secrets(secret, "/bin/true")
    assert result.returncode == 1
    assert "db_password must hold one word on one line" in result.stderr
    assert not (tmp_path / "odoo.conf").exists()


def test_a_short_admin_password_is_refused(tmp_path):
    secret = tmp_path / "admin_password"
    secret.write_text("short\n")
    result = subprocess.run(
        [sys.executable, DOCKER / "init_database.py", "--country", "US"],
        env={"PATH": "/usr/bin:/bin", "ADMIN_PASSWORD_FILE": str(secret)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert "at least 12 characters" in result.stderr
    assert "Traceback" not in result.stderr
