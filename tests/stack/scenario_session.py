# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What `make scenario` does inside Odoo; see run_scenario."""

import json
import logging
import sys
from pathlib import Path

import psycopg2

from odoo.exceptions import UserError

from .json_fields import FormatError
from .say import say
from .scenario_billing import bill_scenario
from .scenario_format import read_scenario
from .session import environment

MET, MISSED, MALFORMED = 0, 1, 2

_logger = logging.getLogger(__name__)


def main(database, files):
    """Bill each of the scenario `files`; print one line of JSON a file.

    What missed its figures is told on standard error as well.

    :return: exit status: 0 when every stated figure was met, 1 when one was not, 2
        for a malformed file
    """
    with environment(database) as env:
        status = max(run_file(env, Path(file)) for file in files)
        # What billing wanted done after the commit is about records that are gone.
        env.cr.rollback()
    return status


def run_file(env, path):
    """Bill one scenario file and print what it came to.

    :return: its exit status, see :func:`main`
    """
    try:
        # Some editors begin a text with a byte order mark.
        scenario = read_scenario(path.read_text(encoding="utf-8-sig"))
        outcomes = bill_scenario(env, scenario)
    except (OSError, UnicodeDecodeError) as error:
        say(f"{path.name}: file: cannot be read ({error}).")
        return MALFORMED
    except FormatError as error:
        say(f"{path.name}: {error}")
        return MALFORMED
    except (UserError, psycopg2.Error) as error:
        # What only Odoo or its database can tell.
        say(f"{path.name}: file: is refused: {' '.join(str(error).split())}")
        return MALFORMED
    except Exception:
        # Not the file's fault: the other files are billed all the same.
        _logger.exception("%s: cannot be billed.", path.name)
        return MISSED
    ok = not any(outcome.wrong for outcome in outcomes)
    line = {
        "name": scenario.name,
        "ok": ok,
        "periods": [as_json(outcome) for outcome in outcomes],
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)
    for outcome in outcomes:
        for words in outcome.notes + outcome.wrong:
            say(f"{path.name}: period through {outcome.through}: {words}")
    return MET if ok else MISSED


def as_json(outcome):
    """Return a period's figures as JSON knows them: amounts are texts."""
    figures = outcome.figures
    return {
        "through": outcome.through,
        "total": f"{figures.total:.2f}",
        "by_charge": _texts(figures.by_charge),
        "quantities": {
            code: int(value) if value == int(value) else float(value)
            for code, value in figures.quantities.items()
        },
        "by_partner": _texts(figures.by_partner),
    }


def _texts(amounts):
    return {name: f"{amount:.2f}" for name, amount in amounts.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
