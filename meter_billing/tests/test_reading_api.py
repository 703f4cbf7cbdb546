# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings that programs send over HTTP, with a real key."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from odoo import fields
from odoo.tests import HttpCase, tagged

from .common import MeterBillingCommon

CLIENT = Path(__file__).parents[2] / "docs" / "examples" / "send_readings.py"
PATH = "/json/2/meter.reading/ingest_batch"


@tagged("post_install", "-at_install")
class TestReadingApi(MeterBillingCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.device = cls._device("SN-1", opening={"mono": 100, "colour": 50})
        cls.program = cls._user(
            "program", "base.group_user", "meter_billing.group_meter_billing_sender"
        )
        cls.key = cls._key(cls.program)

    @classmethod
    def _key(cls, user):
        # Keys live in the database's own time, which is not frozen.
        until = fields.Datetime.now() + timedelta(days=365 * 20)
        return (
            cls.env(user=user)["res.users.apikeys"]
            .sudo()
            ._generate("rpc", "test", until)
        )

    def _post(self, body, key=None, path=PATH):
        return self.url_open(
            path,
            data=json.dumps(body),
            headers={
                "Authorization": f"bearer {key or self.key}",
                "Content-Type": "application/json",
                "X-Odoo-Database": self.env.cr.dbname,
            },
            timeout=120,
        )

    def _reading(self, value, **values):
        return {
            "serial": "sn-1",
            "meter": "mono",
            "value": value,
            "date": "2026-01-31",
            **values,
        }

    def _readings(self):
        return self.env["meter.reading"].search([("source", "=", "api")], order="id")

    def test_a_batch_is_answered_row_by_row(self):
        answer = self._post(
            {
                "key": "b-1",
                "readings": [
                    self._reading(200),
                    self._reading(
                        "1,060",
                        meter="Colour",
                        date=None,
                        read_at="2026-01-31T23:30:00+01:00",
                    ),
                    self._reading(150, date="2026-02-10"),
                    self._reading(5, serial="SN-404"),
                    self._reading(-5, date="2026-02-11"),
                    self._reading(200),
                ],
            }
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        data = answer.json()
        self.assertEqual(
            [row["status"] for row in data["rows"]],
            ["created", "created", "hold", "unknown", "refused", "duplicate"],
        )
        self.assertEqual((data["key"], data["repeated"]), ("b-1", False))
        self.assertEqual(data["counts"]["created"], 2)
        first, colour, held = self._readings()
        self.assertEqual(
            [row["reading_id"] for row in data["rows"][:3]],
            [first.id, colour.id, held.id],
        )
        self.assertEqual(data["rows"][5]["reading_id"], first.id)
        self.assertEqual(
            (colour.value, str(colour.read_at)), (1060, "2026-01-31 22:30:00")
        )
        self.assertEqual(first.create_uid, self.program)
        self.assertEqual(first.import_id.id, data["import_id"])
        self.assertIn("SN-404", data["rows"][3]["message"])
        self.assertIn("negative", data["rows"][4]["message"])
        waiting = first.import_id.line_ids
        self.assertEqual(set(waiting.mapped("status")), {"unknown", "refused"})

    def test_sent_again_it_changes_nothing(self):
        body = {
            "key": "b-1",
            "readings": [self._reading(200), self._reading(1, serial="?")],
        }
        first = self._post(body).json()
        again = self._post(body).json()
        self.assertTrue(again.pop("repeated"))
        self.assertFalse(first.pop("repeated"))
        self.assertEqual(first, again)
        self.assertEqual(len(self._readings()), 1)
        self.assertEqual(
            len(self.env["meter.reading.quarantine"].search([("serial", "=", "?")])), 1
        )
        other = self._post({"key": "b-1", "readings": [self._reading(300)]})
        self.assertEqual(other.status_code, 422)
        self.assertIn("Another batch", other.json()["message"])
        self.assertEqual(len(self._readings()), 1)

    def test_what_cannot_be_taken_as_a_whole(self):
        good = self._reading(200)
        for body, words in (
            ({"key": "", "readings": [good]}, ("key", "1 to 200")),
            ({"key": 7, "readings": [good]}, ("key",)),
            ({"key": "k" * 201, "readings": [good]}, ("key",)),
            ({"key": "b", "readings": []}, ("readings", "list")),
            ({"key": "b", "readings": "x"}, ("readings", "list")),
            ({"key": "b", "readings": [good] * 10_001}, ("10,001", "10,000")),
            ({"key": "b", "readings": [good, 5]}, ("row 2", "object")),
            ({"key": "b", "readings": [{**good, "color": 1}]}, ("row 1", "color")),
            ({"key": "b", "readings": [{**good, "value": None}]}, ("row 1", "value")),
            ({"key": "b", "readings": [{**good, "serial": 5}]}, ("row 1", "serial")),
            ({"key": "b", "readings": [{**good, "date": None}]}, ("row 1", "date")),
            (
                {"key": "b", "readings": [{**good, "read_at": "2026-01-31"}]},
                ("row 1", "either"),
            ),
            ({"readings": [good]}, ("key",)),
        ):
            with self.subTest(words=words):
                answer = self._post(body)
                self.assertEqual(answer.status_code, 422, answer.text)
                for word in words:
                    self.assertIn(word, answer.json()["message"])
        self.assertFalse(self._readings())

    def test_who_may_send(self):
        body = {"key": "b", "readings": [self._reading(200)]}
        self.assertEqual(self._post(body, key="wrong").status_code, 401)
        nobody = self._user("nobody", "base.group_user")
        answer = self._post(body, key=self._key(nobody))
        self.assertEqual(answer.status_code, 403)
        # A program sends readings; it reads none, and nothing else.
        for model in (
            "meter.reading",
            "meter.device",
            "meter.contract",
            "meter.reading.import",
        ):
            answer = self._post({"domain": []}, path=f"/json/2/{model}/search_read")
            self.assertEqual(answer.status_code, 403, model)
        answer = self._post(
            {"rows": [], "source": "api"}, path="/json/2/meter.reading/_ingest"
        )
        self.assertIn(answer.status_code, (403, 404))
        self.assertFalse(self._readings())

    def test_devices_of_another_company_are_unknown(self):
        other = self.setup_other_company()["company"]
        stranger = self._user(
            "stranger",
            "base.group_user",
            "meter_billing.group_meter_billing_sender",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        answer = self._post(
            {"key": "b", "readings": [self._reading(200)]}, key=self._key(stranger)
        ).json()
        self.assertEqual(answer["rows"][0]["status"], "unknown")

    def test_ten_thousand_in_one_call(self):
        devices = self.env["meter.device"].create(
            [
                {
                    "serial_number": f"MANY{number}",
                    "model_id": self.model.id,
                    "partner_id": self.customer.id,
                    "install_date": "2026-01-01",
                    "meter_ids": [
                        fields.Command.create(
                            {"type_id": self.mono.id, "opening_value": 0}
                        )
                    ],
                }
                for number in range(100)
            ]
        )
        body = {
            "key": "many",
            "readings": [
                {
                    "serial": device.serial_number,
                    "meter": "mono",
                    "value": 10 * day,
                    "date": str(
                        fields.Date.add(fields.Date.to_date("2026-01-01"), days=day)
                    ),
                }
                for day in range(100)
                for device in devices
            ],
        }
        began = time.perf_counter()
        answer = self._post(body)
        print(f"10,000 readings over HTTP: {time.perf_counter() - began:.2f} s")
        self.assertEqual(answer.json()["counts"], {"created": 10_000})

    # === The documented ways === #

    def test_curl_as_documented(self):
        curl = shutil.which("curl")
        self.assertTrue(curl, "curl is part of the test set-up")
        body = {"key": "c", "readings": [self._reading(200)]}
        with self.allow_requests(all_requests=True):
            done = subprocess.run(
                [
                    curl,
                    "--silent",
                    f"{self.base_url()}{PATH}",
                    "-H",
                    f"Authorization: bearer {self.key}",
                    "-H",
                    "Content-Type: application/json",
                    "-H",
                    f"X-Odoo-Database: {self.env.cr.dbname}",
                    "-d",
                    json.dumps(body),
                ],
                capture_output=True,
                text=True,
                check=True,
                timeout=60,
            )
        self.assertEqual(json.loads(done.stdout)["counts"], {"created": 1})

    def test_the_example_client(self):
        with (
            tempfile.TemporaryDirectory() as folder,
            self.allow_requests(all_requests=True),
        ):
            file = Path(folder, "readings.csv")
            file.write_text(
                "serial,meter,value,date\nSN-1,mono,200,2026-01-31\n"
                "SN-404,mono,5,2026-01-31\n"
            )
            runs = [
                subprocess.run(
                    [
                        sys.executable,
                        CLIENT,
                        self.base_url(),
                        file,
                        "--database",
                        self.env.cr.dbname,
                    ],
                    env={**os.environ, "METER_BILLING_KEY": self.key},
                    capture_output=True,
                    text=True,
                    check=False,
                    timeout=60,
                )
                for _time in range(2)
            ]
        self.assertEqual([run.returncode for run in runs], [1, 1], runs[0].stderr)
        self.assertIn("rows 1 to 2: {'created': 1, 'unknown': 1}", runs[0].stdout)
        self.assertIn("row 2: unknown: No device", runs[0].stdout)
        self.assertIn("(sent before)", runs[1].stdout)
        self.assertEqual(self._readings().value, 200)
