# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The customer's own pages."""

import io
import re

from freezegun import freeze_time
from python_calamine import CalamineWorkbook

from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.http import Request
from odoo.tests import HttpCase, TransactionCase, tagged

from ..pages_by_month import last_months, pages_by_month
from .common import MeterBillingCommon

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xcf\xc0\xf0\x1f\0\5\0\1\xff\x89\x99=\x1d"
    b"\0\0\0\0IEND\xaeB`\x82"
)


class PortalCommon(MeterBillingCommon):
    """Two customers, each with a device, a contract, readings and a statement."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "office@harbour.example"
        cls.device = cls._device(
            "SN-1", opening={"mono": 1000, "colour": 500}, place="2nd floor"
        )
        cls.contract = cls._contract(
            [
                cls._usage(name="Mono pages", price=0.01, included=1000),
                cls._usage("colour", name="Colour pages", price=0.1),
            ],
            cls.device,
            reading_plan="monthly",
        )
        cls._read(cls.device, "2026-01-31", mono=2500, colour=600)
        cls._read(cls.device, "2026-02-28", mono=4000, colour=750)
        cls._read(cls.device, "2026-05-20", mono=8500, colour=1050)
        cls.statement = cls._run("2026-02-28", cls.contract).line_ids.statement_id
        cls.portal = cls._portal_user("harbour", cls.customer)

    @classmethod
    def _portal_user(cls, login, customer):
        user = cls._user(
            login,
            "base.group_portal",
            password=login,
            company_id=cls.company.id,
            company_ids=[(6, 0, cls.company.ids)],
        )
        user.partner_id.write({"parent_id": customer.id, "email": f"{login}@x.example"})
        return user

    def _post(self, path, files=None, **values):
        """Send a form of the portal and return the page that answers."""
        csrf = Request.csrf_token(self)
        answer = self.url_open(
            path, data={"csrf_token": csrf, **values}, files=files or {"x": ("", b"")}
        )
        self.assertEqual(answer.status_code, 200)
        self.env.invalidate_all()
        return answer.text

    def _given(self):
        """Return (meter type, value, state) of what customers have entered."""
        readings = self.env["meter.reading"].search(
            [("source", "=", "portal")], order="id"
        )
        return [(r.type_id.code, r.value, r.state) for r in readings]

    def _names(self, device=None):
        """Return the names of the inputs of a device's meters."""
        return {
            meter.type_id.code: f"meter_{meter.id}"
            for meter in (device or self.device).meter_ids
        }


@tagged("post_install", "-at_install")
class TestPortalPages(PortalCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate("harbour", "harbour")

    def _get(self, path):
        response = self.url_open(path)
        self.assertEqual(response.status_code, 200, path)
        return response.text

    def test_every_page_opens(self):
        statement = self.statement[0]
        for path, word in (
            ("/my/home", "/my/devices"),
            ("/my/devices", "SN-1"),
            (f"/my/devices/{self.device.id}", "8,500"),
            ("/my/usage", "Pages by device"),
            ("/my/meter-contracts", "Mono pages"),
            ("/my/statements", statement.name),
            (f"/my/statements/{statement.id}", "Why this amount"),
            ("/my/readings", "meter_"),
            (f"/my/devices/{self.device.id}/read", "8,500"),
            ("/my/readings/file", "Download the list"),
            ("/my/disputes", "nothing that is wrong"),
            ("/my/disputes/new", "Serial number"),
            (f"/my/disputes/new?device_id={self.device.id}", "SN-1"),
        ):
            with self.subTest(path=path):
                self.assertIn(word, self._get(path))

    def test_home_counts_what_is_to_be_read(self):
        answer = self.make_jsonrpc_request(
            "/my/counters",
            {"counters": ["meter_due_count", "meter_device_count", "invoice_count"]},
        )
        self.assertEqual(answer["meter_due_count"], 1)
        self.assertEqual(answer["meter_device_count"], 1)

    def test_due_and_overdue_and_search(self):
        later = self._device("SN-2")
        self._contract([self._usage()], later, reading_plan="monthly", reading_day=16)
        overdue = self._get("/my/devices?filterby=overdue")
        self.assertIn("Overdue since 05/31/2026", overdue)
        self.assertNotIn("SN-2", overdue)
        due = self._get("/my/devices?filterby=due")
        self.assertIn("Due 06/16/2026", due)
        self.assertLess(due.index("SN-1"), due.index("SN-2"))
        self.assertIn("SN-1", self._get("/my/devices?search=2nd"))
        self.assertIn("no device to show", self._get("/my/devices?search=nowhere"))

    def test_pages_by_month(self):
        months = {m["month"].month: m for m in self.device._get_customer_months()}
        # From 4,000 on 28 Feb to 8,500 on 20 May: 4,500 pages in 81 days.
        self.assertEqual(
            [months[month]["mono"] for month in (1, 2, 3, 4, 5, 6)],
            [1500, 1500, 1722, 1666, 1112, 0],
        )
        self.assertEqual(months[1]["colour"], 100)
        self.assertIn("<svg", self._get(f"/my/devices/{self.device.id}"))

    def test_usage_of_all_devices(self):
        site = self.env["res.partner"].create(
            {"name": "Quay", "parent_id": self.customer.id, "type": "other"}
        )
        # A total beside mono has the colour pages as well; it is what is charged.
        both = self._device(
            "SN-2", opening={"mono": 0, "total": 0}, location_id=site.id
        )
        self._read(both, "2026-01-31", mono=300, total=310)
        self._read(both, "2026-02-28", mono=400, total=450)
        removed = self._device("SN-3", opening={"mono": 0})
        self._read(removed, "2026-01-31", mono=31)
        removed._remove(Date.to_date("2026-02-28"), {removed.meter_ids: 59})
        devices = self.device + both + removed
        months = {m["month"].month: m for m in devices._get_customer_months()}
        self.assertEqual([months[n]["mono"] for n in (1, 2)], [1531, 1528])
        self.assertEqual([months[n]["colour"] for n in (1, 2)], [100, 150])
        self.assertEqual([months[n]["total"] for n in (1, 2)], [310, 140])
        self.assertEqual(months[1]["sum"], 1941)
        page = self._get("/my/usage")
        # SN-1: 8,500 less 1,000 mono, 1,050 less 500 colour
        for text in ("SN-1", "7,500", "550", "8,050", "SN-2", "450", "SN-3", "59"):
            self.assertIn(text, page)
        self.assertLess(page.index("SN-1"), page.index("SN-2"))
        page = self._get(f"/my/usage?place={site.id}")
        self.assertNotIn("SN-1", page)
        self.assertIn("SN-2", page)

    def test_more_devices_are_no_more_look_ups(self):
        more = self.env["meter.device"].union(
            *(self._device(f"SN-{n}") for n in range(11, 17))
        )

        def count(devices):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            devices._get_customer_months()
            devices._get_entry_devices(with_limits=True)
            return self.env.cr.sql_log_count - start

        count(more)
        self.assertEqual(count(more[0]), count(more))

    def test_position_and_forecast(self):
        self._read(self.device, "2026-04-30", mono=7000, colour=950)
        self._run("2026-04-30", self.contract)
        with freeze_time("2026-05-20"):
            use, colour = self.contract.with_user(self.portal)._get_customer_position()
        self.assertEqual((use["used"], use["available"]), (1500, 1000))
        self.assertEqual(use["percent"], 150)
        # 20 of the 31 days of May are read
        self.assertEqual((use["forecast"], use["forecast_percent"]), (2325, 232))
        self.assertEqual(str(use["read_until"]), "2026-05-20")
        # No colour pages are included
        self.assertEqual((colour["used"], colour["forecast"]), (100, 155))
        self.assertEqual((colour["available"], colour["percent"]), (0, None))

    def _two_devices(self, *charges):
        """Return a contract of two devices, one read on 4 June, one on 15 June."""
        first, second = self._device("SN-A"), self._device("SN-B")
        contract = self._contract(charges, first | second, start="2026-05-01")
        for device in (first, second):
            self._read(device, "2026-05-31", mono=1000)
        self._run("2026-05-31", contract)
        self._read(first, "2026-06-04", mono=1400)
        self._read(second, "2026-06-15", mono=1300)
        return contract.with_user(self.portal), first, second

    def test_the_forecast_of_a_device_is_by_its_own_readings(self):
        contract, first, second = self._two_devices(
            self._usage(price=0.01, included=2000, pooling="device")
        )
        found = {
            use["device"]: (use["used"], str(use["read_until"]), use["forecast"])
            for use in contract._get_customer_position()
        }
        # 100 pages a day and 20 a day, for the 30 days of June
        self.assertEqual(
            found,
            {
                first: (400, "2026-06-04", 3000),
                second: (300, "2026-06-15", 600),
            },
        )
        (use,) = contract._get_customer_position(first)
        self.assertEqual((use["forecast"], use["forecast_percent"]), (3000, 150))

    def test_the_forecast_of_a_pool_adds_up_its_devices(self):
        contract, _first, second = self._two_devices(
            self._usage(price=0.01, included=2000)
        )
        (use,) = contract._get_customer_position()
        self.assertEqual((use["used"], use["forecast"]), (700, 3600))
        self.assertEqual(str(use["read_until"]), "2026-06-15")
        self.assertEqual((use["read_count"], use["device_count"]), (2, 2))
        second.meter_ids.reading_ids.filtered(
            lambda reading: reading.value == 1300
        )._reject("Wrong")
        (use,) = contract._get_customer_position()
        self.assertEqual((use["used"], use["forecast"]), (400, 3000))
        self.assertEqual((use["read_count"], use["device_count"]), (1, 2))

    def test_pages_that_are_each_charged_have_a_position(self):
        contract, first, _second = self._two_devices(self._usage(price=0.01))
        (use,) = contract._get_customer_position()
        self.assertEqual((use["used"], use["forecast"]), (700, 3600))
        self.assertEqual((use["available"], use["percent"]), (0, None))
        (use,) = contract._get_customer_position(first)
        self.assertEqual((use["used"], use["forecast"]), (400, 3000))
        for path in (f"/my/devices/{first.id}", "/my/meter-contracts"):
            page = " ".join(self._get(path).split())
            self.assertIn("400 pages" if "devices" in path else "700 pages", page)
            self.assertIn("at this rate", page)
            self.assertNotIn("None", page)
            self.assertEqual("not read yet" in page, "devices" not in path)
        first.meter_ids.reading_ids.filtered(lambda each: each.value == 1400)._reject(
            "Wrong"
        )
        self.assertIn("not read yet", self._get(f"/my/devices/{first.id}"))

    def test_more_contracts_are_no_more_look_ups(self):
        def count(contracts):
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            self.assertEqual(len(contracts._get_customer_position()), len(contracts))
            return self.env.cr.sql_log_count - start

        usage = self._usage(included=100)
        more = [self._contract([usage], self._device(f"SN-{n}")) for n in range(11, 17)]
        one, many = more[0], self.env["meter.contract"].union(*more)
        self.assertEqual(count(one), count(many))

    def test_statement_table_sheet_and_invoice(self):
        statement = self.statement.sorted("date_from")[0]
        page = self._get(f"/my/statements/{statement.id}")
        # 1,500 mono pages, 1,000 included, 100 colour pages
        for text in ("1,500", "1,000", "0.01", "5.00", "10.00", "15.00"):
            self.assertIn(text, page)
        self.assertIn("Why this amount", page)
        self.assertIn(statement.move_ids.get_portal_url(), page.replace("&amp;", "&"))
        answer = self.url_open(f"/my/statements/{statement.id}?report_type=xlsx")
        book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
        header, *lines = book.get_sheet_by_name("Meters").to_python()
        amount = header.index("Amount")
        self.assertEqual([line[amount] for line in lines], [5, 10, 15])
        self.assertEqual(lines[0][header.index("Start")], 1000)
        answer = self.url_open(
            f"/my/statements/{statement.id}?report_type=pdf", timeout=60
        )
        # Tests print HTML; what it looks like: test_reports.
        self.assertEqual(answer.headers["Content-Type"], "application/pdf")
        self.assertIn(statement.name, answer.text)

    def test_what_no_browser_sends(self):
        """Programs send what browsers do not: it is answered, not failed on."""
        self._get("/my/devices?search=SN%00&filterby=%00")
        for path in ("/my/devices/99999999999999", "/my/statements/99999999999999"):
            answer = self.url_open(path, allow_redirects=False)
            self.assertEqual(answer.status_code, 303, path)
        self._get(f"/my/disputes/new?device_id={'9' * 5000}&reading_id=%00")
        text = {"a": ("a.txt", b"text")}
        page = self._post(
            "/my/disputes/new", {"description": text["a"]}, kind="missing"
        )
        self.assertIn("Say in a few words", page)
        mono = self._names()["mono"]
        path = f"/my/devices/{self.device.id}/read"
        self.assertIn("at least one value", self._post(path, {mono: text["a"]}))
        self._post(path, {"note": text["a"]}, **{mono: "9" * 5000})
        self.assertFalse(self._given())
        self._post(path, note="2nd\0 floor", **{mono: "99\x0000"})
        self.assertEqual(self._given(), [("mono", 9900, "valid")])
        page = self._post("/my/readings/file", file="text")
        self.assertIn("Choose the file", page)

    def test_another_customers_page_leads_back(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        theirs = self._device("SN-9", partner_id=other.id)
        answer = self.url_open(f"/my/devices/{theirs.id}", allow_redirects=False)
        self.assertEqual(answer.status_code, 303)


@tagged("post_install", "-at_install")
class TestPortalReadings(PortalCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate("harbour", "harbour")
        self.path = f"/my/devices/{self.device.id}/read"

    def test_usual_readings_are_stored_and_confirmed_by_mail(self):
        names = self._names()
        page = self._post(
            self.path, **{names["mono"]: "9.900", names["colour"]: "1150"}
        )
        self.assertIn("Thank you.", page)
        self.assertEqual(
            self._given(), [("mono", 9900, "valid"), ("colour", 1150, "valid")]
        )
        reading = self.env["meter.reading"].search([("value", "=", 9900)])
        self.assertEqual(str(reading.date), "2026-06-15")
        self.assertIn("Given by", reading.note)
        (mail,) = self.env["mail.mail"].search(
            [("recipient_ids", "=", self.portal.partner_id.id)]
        )
        self.assertIn("9,900", mail.body_html)
        self.assertNotIn("checked", mail.body_html)
        self.assertEqual(mail.state, "outgoing")
        # What was sent is not sent again by a second click.
        page = self._post(self.path, **{names["mono"]: "9900"})
        self.assertIn("nothing was stored twice", page)
        self.assertEqual(len(self._given()), 2)

    def test_unusual_values_are_asked_then_held_with_note_and_photo(self):
        name = self._names()["mono"]
        page = self._post(self.path, **{name: "7000"})
        self.assertIn("lower than before", page)
        self.assertFalse(self._given())
        number = self.device.id
        form = {
            name: "7000",
            f"note_{number}": "Board changed",
            f"confirmed_{number}": "1",
        }
        photo = f"photo_{number}"
        page = self._post(self.path, {photo: ("a.png", b"no picture")}, **form)
        self.assertIn("is no picture", page)
        self.assertFalse(self._given())
        page = self._post(self.path, {photo: ("a.png", PNG)}, **form)
        self.assertIn("We check it before it counts", page)
        self.assertEqual(self._given(), [("mono", 7000, "hold")])
        reading = self.env["meter.reading"].search([("value", "=", 7000)])
        self.assertIn("Board changed", reading.note)
        self.assertEqual(reading.photo_ids.raw, PNG)
        self.assertEqual(reading.photo_ids.mimetype, "image/png")
        (mail,) = self.env["mail.mail"].search(
            [("recipient_ids", "=", self.portal.partner_id.id)]
        )
        self.assertIn("is being checked", mail.body_html)
        self.assertIn(
            "Is being checked", self.url_open(f"/my/devices/{self.device.id}").text
        )

    def _limits(self, page):
        """Return {id of the meter: (last, low, high)} that a page gives its script."""
        limits = {}
        for tag in re.findall(r"<input[^>]*inputmode[^>]*>", page):
            found = dict(re.findall(r'([\w-]+)="([^"]*)"', tag))
            limits[int(found["id"].removeprefix("meter_"))] = tuple(
                int(found[f"data-{key}"]) if f"data-{key}" in found else None
                for key in ("last", "low", "high")
            )
        return limits

    def test_the_page_knows_what_is_usual(self):
        for meter in self.device.meter_ids:
            meter.expected_monthly_pages = 3650 / 12 * 10
        device = self._device("SN-2", opening={"mono": 0})
        for month in ("2026-02", "2026-03", "2026-04"):
            # 50 pages a day from 1 January on
            days = (Date.to_date(f"{month}-15") - Date.to_date("2026-01-01")).days
            self._read(device, f"{month}-15", mono=50 * days)
        meter = device.meter_ids
        page = self.url_open(f"/my/devices/{device.id}/read").text
        # 61 days since 15 April: 3,050 pages, 60 percent more or less
        last = 50 * 104
        low, high = last + 1220, last + 4880
        self.assertEqual(self._limits(page), {meter.id: (last, low, high)})
        self._contract([self._usage()], device, reading_plan="monthly")
        every = self._limits(self.url_open("/my/readings").text)
        self.assertEqual(every[meter.id], (last, low, high))
        path = f"/my/devices/{device.id}/read"
        for value, word in ((low - 1, "much less"), (high + 1, "much more")):
            page = self._post(path, **{f"meter_{meter.id}": str(value)})
            self.assertRegex(page, f"o_meter_entry_said[^>]*>[^<]*{word}")
        page = self._post(path, **{f"meter_{meter.id}": str(high)})
        self.assertIn("Thank you", page)

    def test_what_is_usual_elsewhere_is_not_told(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        device = self._device("SN-2", opening={"mono": 0}, partner_id=other.id)
        for day, value in (("02-15", 2250), ("03-15", 3650), ("04-15", 5200)):
            self._read(device, f"2026-{day}", mono=value)
        device._move(
            Date.to_date("2026-05-01"),
            {device.meter_ids: 6000},
            self.env["meter.contract"],
            {"partner_id": self.customer.id, "location_id": self.customer.id},
        )
        page = self.url_open(f"/my/devices/{device.id}/read").text
        self.assertEqual(self._limits(page), {device.meter_ids.id: (None,) * 3})

    def test_each_device_is_confirmed_by_itself(self):
        second = self._device("SN-2", opening={"mono": 9000})
        self._contract([self._usage()], second, reading_plan="monthly")
        values = {self._names()["mono"]: "7000", self._names(second)["mono"]: "10"}
        first = {f"confirmed_{self.device.id}": "1", f"note_{self.device.id}": "Board"}
        page = self._post("/my/readings", **values, **first)
        self.assertIn("Nothing was saved yet", page)
        self.assertIn('value="Board"', page)
        self.assertFalse(self._given())
        page = self._post(
            "/my/readings", **values, **first, **{f"confirmed_{second.id}": "1"}
        )
        self.assertEqual(self._given(), [("mono", 7000, "hold"), ("mono", 10, "hold")])
        notes = self.env["meter.reading"].search([("source", "=", "portal")])
        self.assertEqual(
            [("Board" in each.note) for each in notes.sorted("id")], [1, 0]
        )

    def test_what_is_no_number_saves_nothing(self):
        names = self._names()
        page = self._post(self.path, **{names["mono"]: "9900", names["colour"]: "x12"})
        self.assertIn("is not a whole number", page)
        self.assertIn('value="9900"', page)
        self.assertFalse(self._given())
        self.assertIn("at least one value", self._post(self.path))

    def test_all_due_devices_in_one_form(self):
        second = self._device("SN-2", opening={"mono": 0})
        self._contract([self._usage()], second, reading_plan="monthly")
        page = self.url_open("/my/readings").text
        first, other = self._names()["mono"], self._names(second)["mono"]
        self.assertIn(first, page)
        self.assertIn(other, page)
        page = self._post("/my/readings", **{first: "9900", other: "100"})
        self.assertEqual(
            self._given(), [("mono", 9900, "valid"), ("mono", 100, "valid")]
        )
        self.assertNotIn("SN-2", self.url_open("/my/readings").text)

    def test_removed_devices_are_not_read(self):
        meters = {meter: 9000 for meter in self.device.meter_ids}
        self.device._remove(Date.to_date("2026-06-01"), meters)
        page = self._post(self.path, **{self._names()["mono"]: "9900"})
        self.assertIn("/my/devices", page)
        self._post("/my/readings", **{self._names()["mono"]: "9900"})
        self.assertFalse(self._given())

    # === Files === #

    def _send(self, content, name="readings.csv"):
        return self._post("/my/readings/file", {"file": (name, content)})

    def _kept(self):
        """Return the last import, and its rows as (row, column, status)."""
        kept = self.env["meter.reading.import"].search([], limit=1)
        return kept, [(r.row, r.column or "", r.status) for r in kept.result_ids]

    def test_a_file_is_taken_and_kept(self):
        content = (
            b"Serial Number,Meter,Date,Value\n"
            b"SN-1,Mono,2026-06-10,9800\n"
            b"sn-1,colour,2026-06-10,900\n"
            b"SN-1,Mono,2026-06-10,9800\n"
            b"SN-1,Mono,2026-06-11,\n"
        )
        page = self._send(content, "june.csv")
        self.assertEqual(
            self._given(), [("mono", 9800, "valid"), ("colour", 900, "hold")]
        )
        self.assertRegex(page, r"1\s+of\s+3\s+readings count")
        self.assertIn("lower than before", page)
        kept, results = self._kept()
        self.assertRecordValues(
            kept,
            [
                {
                    "name": "june.csv",
                    "source": "portal",
                    "state": "done",
                    "create_uid": self.portal.id,
                    "company_id": self.company.id,
                    "row_count": 3,
                    "created_count": 1,
                    "hold_count": 1,
                    "duplicate_count": 1,
                }
            ],
        )
        self.assertEqual(kept._get_content(), content)
        self.assertEqual(
            results, [(2, "", "created"), (3, "", "hold"), (4, "", "duplicate")]
        )
        readings = self.env["meter.reading"].search(
            [("import_id", "=", kept.id)], order="id"
        )
        self.assertEqual(readings.mapped("value"), [9800, 900])
        self.assertEqual(kept.result_ids.reading_id, readings)
        self.assertIn("lower than before", kept.result_ids[1].message)
        self.assertFalse(kept.message_partner_ids)
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        self.assertEqual(kept.with_user(reader).result_ids.mapped("row"), [2, 3, 4])

    def test_a_file_with_a_wrong_row_stores_nothing(self):
        other = self.env["res.partner"].create({"name": "Other", "is_company": True})
        self._device("SN-9", partner_id=other.id)
        page = self._send(
            b"Serial Number,Meter,Date,Value\n"
            b"SN-1,Mono,2026-06-10,9800\n"
            b"SN-9,Mono,2026-06-10,5\n"
            b"SN-1,Scan,2026-06-10,5\n"
            b"SN-1,Colour,tomorrow,1100\n"
            b"SN-1,Colour,2027-06-10,1100\n"
            b"SN-1,Colour,2026-06-10,many\n"
        )
        self.assertFalse(self._given())
        self.assertIn("Nothing was saved.", page)
        self.assertIn("None of your devices has this serial number", page)
        self.assertIn("has no meter", page)
        kept, results = self._kept()
        self.assertEqual((kept.state, kept.created_count), ("failed", 0))
        wrong = [
            (3, "Serial Number", "unknown"),
            (4, "Meter", "refused"),
            (5, "Date", "refused"),
            (6, "Date", "refused"),
            (7, "Value", "refused"),
        ]
        self.assertEqual(results, [(2, "", "left"), *wrong])
        told = re.findall(r"Row (\d+),\s+column “([^”]*)”", page)
        self.assertEqual(told, [(str(row), column) for row, column, _status in wrong])
        self.assertFalse(self.env["meter.reading.quarantine"].search([]))
        clerk = self._user("clerk", "meter_billing.group_meter_billing_user")
        with self._refused(UserError, "sends it again"):
            kept.with_user(clerk).action_import()

    def test_a_column_for_each_meter(self):
        page = self._send(b"Serial Number;Date;Mono;Colour\nSN-1;2026-06-10;9800;x\n")
        self.assertFalse(self._given(), page)
        _kept, results = self._kept()
        self.assertEqual(results, [(2, "", "left"), (2, "Colour", "refused")])

    def test_the_form_that_was_downloaded_comes_back(self):
        content = self.url_open("/my/readings/form.xlsx").content
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        header, *lines = book.get_sheet_by_index(0).to_python()
        self.assertEqual([line[3] for line in lines], ["Mono", "Colour"])
        self.assertEqual(lines[0][header.index("Last Value")], 8500)
        lines[0][header.index("Value")] = 9900
        rows = [header, *lines]
        text = "\n".join(";".join(str(cell) for cell in row) for row in rows)
        page = self._send(text.encode())
        self.assertEqual(self._given(), [("mono", 9900, "valid")], page[-2000:])

    def test_files_that_cannot_be_read(self):
        for content, word in (
            (b"", "Choose the file"),
            (b"a,b\n1,2\n", "columns of this file are not known"),
            (b"Serial Number,Meter,Value\nSN-1,Mono,\n", "no values"),
            (b"\x89PNG\r\n\x1a\n\0\0\0", "Nothing was saved"),
        ):
            with self.subTest(word=word):
                self.assertIn(word, self._send(content))
        self.assertFalse(self._given())
        kept = self.env["meter.reading.import"].search([])
        self.assertEqual(kept.mapped("state"), ["failed"] * 3)
        self.assertIn("no values", kept[1].reason)


@tagged("post_install", "-at_install")
class TestDeviceLabel(PortalCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate(None, None)
        self.device._ensure_label()
        self.path = f"/meter/device/{self.device._get_label_token()}"

    def test_a_label_takes_readings_without_a_login(self):
        page = self.url_open(self.path).text
        self.assertIn("SN-1", page)
        self.assertIn("8,500", page)
        for word in ("Harbour", self.contract.name, "2,500", "data-high", "data-low"):
            self.assertNotIn(word, page)
        page = self._post(self.path, **{self._names()["mono"]: "9900"})
        self.assertIn("Thank you", page)
        self.assertEqual(self._given(), [("mono", 9900, "valid")])
        (mail,) = self.env["mail.mail"].search(
            [("recipient_ids", "=", self.customer.id)]
        )
        self.assertIn("9,900", mail.body_html)

    def test_it_speaks_the_language_of_who_is_asked_for_readings(self):
        self.env["res.lang"]._activate_lang("tr_TR")
        self.env["ir.module.module"]._load_module_terms(["meter_billing"], ["tr_TR"])
        self.customer.lang = "tr_TR"
        page = self._post(self.path, **{self._names()["mono"]: "7000"})
        self.assertIn('lang="tr-TR"', page)
        self.assertIn("Okumaları gönder", page)
        self.assertIn("8.500", page)  # as Turkish groups digits
        self.assertNotIn("lower than before", page)

    def test_what_no_browser_sends(self):
        mono = self._names()["mono"]
        file = ("a.txt", b"text")
        self.assertIn("at least one value", self._post(self.path, {mono: file}))
        self._post(self.path, {"note": file}, **{mono: "\0"})
        self.assertFalse(self._given())
        self._post(self.path, note="\0", **{mono: "9900\0"})
        self.assertEqual(self._given(), [("mono", 9900, "valid")])

    def test_forged_and_revoked_labels_find_nothing(self):
        token = self.device._get_label_token()
        other = self._device("SN-2")
        other._ensure_label()
        signature = token.partition("-")[2]
        forged = [
            f"{other.id}-{signature}",
            f"{self.device.id}-",
            f"{self.device.id}",
            token[:-1],
            f"{token[:-1]}ı",
            "x",
            f"{self.device.id + 1000}-{signature}",
        ]
        for wrong in forged:
            with self.subTest(token=wrong):
                self.assertEqual(
                    self.url_open(f"/meter/device/{wrong}").status_code, 404
                )
        self.device.action_renew_label()
        self.assertEqual(self.url_open(self.path).status_code, 404)
        self.assertEqual(
            self.url_open(
                f"/meter/device/{self.device._get_label_token()}"
            ).status_code,
            200,
        )
        self.device.action_revoke_label()
        self.assertEqual(
            self.url_open(
                f"/meter/device/{self.device._get_label_token()}"
            ).status_code,
            404,
        )
        self.assertFalse(self.device.label_date)

    def test_nobody_reads_the_secret_and_readers_print_nothing(self):
        for user in (
            self._user("boss", "meter_billing.group_meter_billing_manager"),
            self.portal,
        ):
            with self.subTest(user=user.login), self._refused(AccessError):
                self.device.with_user(user).read(["label_secret"])
        reader = self._user("reader", "meter_billing.group_meter_billing_reader")
        for action in ("print_label", "print_labels", "renew_label", "revoke_label"):
            with self.subTest(action=action), self._refused(AccessError):
                getattr(self.device.with_user(reader), f"action_{action}")()
        with self._refused(UserError, "stand at a customer"):
            self._device("SN-3", install=False, partner_id=False).action_print_label()

    def test_not_too_often(self):
        csrf = Request.csrf_token(self)
        codes = [
            self.url_open(self.path, data={"csrf_token": csrf}).status_code
            for _count in range(21)
        ]
        self.assertEqual(codes, [200] * 20 + [429])
        wrong = [self.url_open("/meter/device/1-x").status_code for _count in range(31)]
        self.assertEqual(wrong, [404] * 30 + [429])
        self.assertEqual(self.url_open(self.path).status_code, 200)
        uses = self.env["meter.label.use"].search([])
        self.assertEqual(sorted(uses.mapped("count"))[:2], [21, 31])
        self.assertNotIn("127.0.0.1", "".join(uses.mapped("key")))
        with freeze_time("2026-06-17"):
            uses._gc_uses()
        self.assertFalse(self.env["meter.label.use"].search([]))

    def test_labels_print(self):
        second = self._device("SN-2")
        for report, devices in (
            ("label", self.device),
            ("labels", self.device + second),
        ):
            devices._ensure_label()
            with self.subTest(report=report):
                html, _kind = self.env["ir.actions.report"]._render_qweb_html(
                    f"meter_billing.report_device_{report}", devices.ids
                )
                self.assertEqual(html.count(b"</svg>"), len(devices))
                self.assertIn(b"SN-1", html)


@tagged("post_install", "-at_install")
class TestDispute(PortalCommon, HttpCase):
    def setUp(self):
        super().setUp()
        self.authenticate("harbour", "harbour")
        self.clerk = self._user(
            "clerk",
            "meter_billing.group_meter_billing_user",
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
        )
        self.contract.user_id = self.clerk

    def _open(self, **values):
        page = self._post("/my/disputes/new", **values)
        dispute = self.env["meter.dispute"].search([], limit=1)
        return page, dispute

    def test_a_reading_is_disputed_corrected_and_answered(self):
        reading = self.env["meter.reading"].search([("value", "=", 8500)])
        page, dispute = self._open(
            reading_id=str(reading.id), kind="reading", description="It was 8050."
        )
        self.assertIn("Thank you", page)
        self.assertRecordValues(
            dispute,
            [
                {
                    "reading_id": reading.id,
                    "device_id": self.device.id,
                    "partner_id": self.customer.id,
                    "contact_id": self.portal.partner_id.id,
                    "user_id": self.clerk.id,
                    "state": "open",
                }
            ],
        )
        self.assertEqual(dispute.activity_ids.user_id, self.clerk)
        mine = dispute.with_user(self.clerk)
        with self._refused(UserError, "write the answer"):
            mine.action_corrected()
        self.assertEqual(
            mine.action_correct_reading()["context"]["default_reading_id"], reading.id
        )
        reading.with_user(self.clerk)._correct(8050, "Customer")
        mine.answer = "You are right: 8,050."
        mine.action_corrected()
        self.assertEqual(dispute.state, "corrected")
        self.assertFalse(dispute.activity_ids)
        self.assertIn(self.portal.partner_id, dispute.message_ids.notified_partner_ids)
        page = self.url_open(f"/my/disputes/{dispute.id}").text
        self.assertIn("You are right: 8,050.", page)
        self.assertIn("Corrected", page)

    def test_a_line_of_a_statement_is_disputed_and_explained(self):
        line = self.statement.line_ids[:1]
        _page, dispute = self._open(
            statement_line_id=str(line.id), kind="amount", description="Too much"
        )
        self.assertEqual(dispute.statement_line_id, line)
        self.assertEqual(dispute.statement_id, line.statement_id)
        self.assertEqual(dispute.device_id, self.device)
        self.assertEqual(line.display_name, "SN-1 Mono")
        dispute.with_user(self.clerk).write({"answer": "1,000 pages are included."})
        dispute.with_user(self.clerk).action_explained()
        self.assertEqual(dispute.state, "explained")
        with self._refused(AccessError):
            dispute.with_user(self.portal).action_reopen()
        dispute.with_user(self.clerk).action_reopen()
        self.assertEqual(dispute.activity_ids.user_id, self.clerk)

    def test_a_line_of_an_invoice_is_disputed_and_corrected(self):
        statement = self.statement.sorted("date_from")[0]
        invoice = statement.move_ids
        page = self.url_open(f"/my/invoices/{invoice.id}").text
        self.assertIn(f"/my/disputes/new?move_id={invoice.id}", page)
        page = self.url_open(f"/my/disputes/new?move_id={invoice.id}").text
        for text in (invoice.name, "SN-1 Mono: 1,500 pages", "SN-1 Colour: 100 pages"):
            self.assertIn(text, page)
        colour = statement.line_ids.filtered(lambda line: line.type_id.code == "colour")
        page, dispute = self._open(
            move_id=str(invoice.id),
            line=f"meter_{colour.id}",
            kind="amount",
            description="We printed no colour",
        )
        self.assertIn("Thank you", page)
        self.assertIn(invoice.name, page)
        self.assertRecordValues(
            dispute,
            [
                {
                    "kind": "amount",
                    "move_id": invoice.id,
                    "statement_id": statement.id,
                    "statement_line_id": colour.id,
                    "device_id": self.device.id,
                    "user_id": self.clerk.id,
                }
            ],
        )
        # 100 colour pages at 0.1
        self.assertEqual(dispute.move_line_id.move_id, invoice)
        self.assertEqual(dispute.move_line_id.price_subtotal, 10)
        for record, action in (
            (invoice, "action_view_meter_disputes"),
            (statement, "action_view_disputes"),
        ):
            opened = getattr(record.with_user(self.clerk), action)()
            self.assertEqual(opened["res_id"], dispute.id)
        self.assertEqual(invoice.with_user(self.clerk).meter_dispute_count, 1)
        self.assertEqual(statement.with_user(self.clerk).dispute_count, 1)
        mine = dispute.with_user(self.clerk)
        reading = mine.action_correct_reading()["context"]["default_reading_id"]
        self.assertEqual(reading, colour.end_reading_id.id)
        mine.answer = "You are right."
        colour.end_reading_id.with_user(self.clerk)._correct(500, "Customer")
        mine.action_corrected()
        self.assertEqual(mine.correction_ref.supersedes_id, colour.end_reading_id)
        self.assertIn(
            "You are right.", self.url_open(f"/my/disputes/{dispute.id}").text
        )

    def test_all_of_an_invoice_is_disputed(self):
        statement = self.statement.sorted("date_from")[0]
        invoice = statement.move_ids
        about = {"move_id": str(invoice.id), "kind": "amount", "description": "Twice"}
        for line in ("", "meter_0", "x"):
            with self.subTest(line=line):
                _page, dispute = self._open(**about, line=line)
                self.assertEqual(dispute.move_id, invoice)
                self.assertFalse(dispute.move_line_id)
                self.assertFalse(dispute.statement_line_id)
                self.assertEqual(dispute.user_id, self.clerk)
        other = self.init_invoice("out_invoice", self.customer, amounts=[5], post=True)
        page = self.url_open(f"/my/invoices/{other.id}").text
        self.assertNotIn("/my/disputes/new", page)
        page = self.url_open(f"/my/disputes/new?move_id={other.id}").text
        self.assertNotIn(other.name, page)

    def test_devices_that_are_gone_or_missing(self):
        _page, gone = self._open(
            device_id=str(self.device.id), kind="moved", description="3rd floor"
        )
        self.assertEqual((gone.kind, gone.device_id), ("moved", self.device))
        page, missing = self._open(kind="missing", description="New one")
        self.assertIn("Say what it is about", page)
        self.assertEqual(missing, gone)  # nothing was opened
        _page, missing = self._open(
            kind="missing", serial_number="SN-77", description="New one"
        )
        self.assertEqual(missing.serial_number, "SN-77")
        self.assertIn("SN-77", self.url_open(f"/my/disputes/{missing.id}").text)
        page, same = self._open(device_id=str(self.device.id), kind="gone")
        self.assertIn("Say in a few words", page)
        self.assertEqual(same, missing)

    def test_the_customer_writes_below_it(self):
        _page, dispute = self._open(
            device_id=str(self.device.id), kind="gone", description="Gone"
        )
        answer = self.make_jsonrpc_request(
            "/mail/message/post",
            {
                "thread_model": "meter.dispute",
                "thread_id": dispute.id,
                "post_data": {"body": "Are you there?", "message_type": "comment"},
            },
        )
        self.assertTrue(answer)
        self.env.invalidate_all()
        self.assertIn("Are you there?", str(dispute.message_ids.mapped("body")))
        self.assertEqual(dispute.message_ids[:1].author_id, self.portal.partner_id)


class TestPagesByMonth(TransactionCase):
    def test_events_and_steps_back(self):
        day = Date.to_date
        readings = [
            (day("2026-01-31"), 9_990),
            (day("2026-02-28"), 10),
            (day("2026-03-31"), 5),
        ]
        wrap = (day("2026-02-28"), 10_000, 0)
        self.assertEqual(pages_by_month(readings, [wrap]), {day("2026-02-01"): 20})
        self.assertEqual(pages_by_month(readings), {})

    def test_months_add_up(self):
        day = Date.to_date
        months = pages_by_month([(day("2025-11-30"), 0), (day("2026-03-01"), 1_001)])
        self.assertEqual(sum(months.values()), 1_001)
        self.assertEqual(list(months), last_months(day("2026-03-01"), 4))

    def test_one_day(self):
        day = Date.to_date
        months = pages_by_month([(day("2026-01-05"), 1), (day("2026-01-05"), 4)])
        self.assertEqual(months, {day("2026-01-01"): 3})
