#!/usr/bin/env python3
# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Send a CSV file of readings to Meter Billing. Needs Python alone.

    export METER_BILLING_KEY=…        # the API key
    send_readings.py https://erp.example.com readings.csv [--database NAME]

The file has the columns serial, meter, value and date or read_at (and make). What is
sent twice is stored once: each part of the file has a key made of what is in it, and a
part that got no answer is sent again under the same key.
"""

import argparse
import csv
import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request

PART = 10_000
TRIES = 5


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", help="address of Odoo")
    parser.add_argument("file", help="CSV file with a header")
    parser.add_argument("--database", help="where the server has several")
    options = parser.parse_args()
    with open(options.file, newline="", encoding="utf-8-sig") as stream:
        readings = [
            {name: value for name, value in row.items() if value}
            for row in csv.DictReader(stream)
        ]
    problems = 0
    for first in range(0, len(readings), PART):
        part = readings[first : first + PART]
        answer = send(options, part)
        print(
            f"rows {first + 1} to {first + len(part)}: {answer['counts']}"
            + (" (sent before)" if answer["repeated"] else "")
        )
        for row in answer["rows"]:
            if row["status"] in ("refused", "unknown", "hold"):
                problems += 1
                print(f"  row {first + row['row']}: {row['status']}: {row['message']}")
    return 1 if problems else 0


def send(options, readings):
    """Send one batch; try again where no answer came."""
    key = hashlib.sha256(json.dumps(readings, sort_keys=True).encode()).hexdigest()
    request = urllib.request.Request(
        f"{options.server.rstrip('/')}/json/2/meter.reading/ingest_batch",
        data=json.dumps({"key": key, "readings": readings}).encode(),
        headers={
            "Authorization": f"bearer {os.environ['METER_BILLING_KEY']}",
            "Content-Type": "application/json",
            **({"X-Odoo-Database": options.database} if options.database else {}),
        },
    )
    for attempt in range(1, TRIES + 1):
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code < 500 and error.code != 429:
                sys.exit(f"{error.code}: {error.read().decode()[:500]}")
            problem = error
        except OSError as error:
            problem = error
        if attempt == TRIES:
            sys.exit(f"No answer: {problem}")
        time.sleep(2**attempt)
    return None


if __name__ == "__main__":
    sys.exit(main())
