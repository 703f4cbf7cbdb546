# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Rows that were not taken, downloaded over HTTP by who may see them."""

import base64

from odoo.tests import HttpCase, tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestReadingImportHttp(MeterBillingCommon, HttpCase):
    def test_who_may_download(self):
        other = self.setup_other_company()["company"]
        clerk = "meter_billing.group_meter_billing_user"
        self._user("own.clerk", clerk, password="own.clerk.2026")
        self._user(
            "strange.clerk",
            clerk,
            password="strange.clerk.2026",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        imported = self.env["meter.reading.import"].create(
            {
                "name": "january.csv",
                "file": base64.b64encode(b"Serial,Meter,Date,Value\nX-1,mono,x,1\n"),
            }
        )
        imported.action_import()
        url = imported.action_download_rejected()["url"]
        self.authenticate("own.clerk", "own.clerk.2026")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 200)
        self.assertTrue(answer.content.startswith(b"PK"))
        self.assertIn("january.csv", answer.headers["Content-Disposition"])
        self.authenticate("strange.clerk", "strange.clerk.2026")
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, 403)
        self.assertNotIn(b"PK", answer.content[:2])
        self.authenticate(None, None)
        self.assertNotIn(b"PK", self.url_open(url).content[:2])
