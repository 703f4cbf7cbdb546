# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who may see and do what. Every public method is open to remote calls."""

from base64 import b64encode

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.models import BaseModel
from odoo.service.model import get_public_method
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from .common import MeterBillingCommon

GROUP = "meter_billing.group_meter_billing_"
MODULE = "odoo.addons.meter_billing."


@tagged("post_install", "-at_install")
class TestRights(MeterBillingCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        in_company = {
            "company_id": cls.company.id,
            "company_ids": [(6, 0, cls.company.ids)],
        }
        cls.reader = cls._user("reader", f"{GROUP}reader", **in_company)
        cls.clerk = cls._user("clerk", f"{GROUP}user", **in_company)
        cls.manager = cls._user("boss", f"{GROUP}manager", **in_company)
        cls.nobody = cls._user("nobody", "base.group_user", **in_company)
        cls.portal = cls._user("customer", "base.group_portal", **in_company)
        cls.portal.partner_id.parent_id = cls.customer
        other = cls.setup_other_company()["company"]
        cls.stranger = cls._user(
            "stranger",
            f"{GROUP}manager",
            "account.group_account_manager",
            company_id=other.id,
            company_ids=[(6, 0, other.ids)],
        )
        cls._set_up_records()

    @classmethod
    def _set_up_records(cls):
        cls.device = cls._device("SN-1", opening={"mono": 1000})
        cls.contract = cls._contract([cls._usage(price=0.01)], cls.device)
        cls._read(cls.device, "2026-01-31", mono=1500)
        cls._read(cls.device, "2026-02-28", mono=1800)
        cls.held = cls._read(cls.device, "2026-03-31", mono=1700)
        cls.billing_run = cls._run("2026-01-31", cls.contract)
        cls.statement = cls.billing_run.line_ids.statement_id
        File = cls.env["meter.reading.import"]
        content = b64encode(b"Serial,Meter,Date,Value\nX-1,mono,2026-01-31,1\n")
        cls.imported, cls.file = File.create([{"file": content}, {"file": content}])
        cls.imported.action_import()
        cls.env.flush_all()

    def _models(self):
        """Return the names of the module's own stored models."""
        return sorted(
            name
            for name, model in self.env.registry.items()
            if name.startswith("meter.") and not model._abstract and model._auto
        )

    # === Out of sight === #

    def test_only_the_groups_see_anything(self):
        """Besides customers, who see their own: see test_portal_rights."""
        for user in (self.nobody, self.env.ref("base.public_user").sudo()):
            for name in self._models():
                model = self.env[name].with_user(user)
                for operation in ("read", "write", "create", "unlink"):
                    if model._transient and operation != "create":
                        continue
                    with self.subTest(user=user.login, model=name, op=operation):
                        self.assertFalse(model.has_access(operation))
                with self.subTest(user=user.login, model=name):
                    with self._refused(AccessError):
                        model.search([])

    def test_another_company_sees_nothing(self):
        seen = 0
        for name in self._models():
            model = self.env[name]
            if model._transient or "company_id" not in model._fields:
                continue
            mine = model.search([("company_id", "=", self.company.id)])
            if not mine:
                continue
            seen += 1
            theirs = model.with_user(self.stranger)
            with self.subTest(model=name):
                self.assertFalse(theirs.search([("company_id", "=", self.company.id)]))
                with self._refused(AccessError):
                    theirs.browse(mine.ids).read(["id", "company_id"])
        self.assertGreaterEqual(seen, 9)

    def test_tiers_of_another_company(self):
        charge = self._contract(
            [self._usage(pricing="volume", tier_ids=self._tiers((None, 1)))]
        ).charge_ids
        tiers = self.env["meter.contract.charge.tier"].with_user(self.stranger)
        self.assertFalse(tiers.search([("charge_id", "=", charge.id)]))

    # === What a method must not do for whom === #

    def _fingerprint(self):
        """Return a checksum of all that the module and invoices have stored."""
        self.env.flush_all()
        tables = [
            self.env[name]._table
            for name in self._models()
            if not self.env[name]._transient
        ]
        sums = {}
        for table in [*tables, "account_move", "account_move_line", "res_partner"]:
            self.env.cr.execute(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id))"
                f" FROM {table} t"
            )
            sums[table] = self.env.cr.fetchone()
        return sums

    def _records(self):
        """Return records of every model that has public methods of the module."""
        return [
            self.device,
            self.device.meter_ids,
            self.held,
            self.contract,
            self.contract.charge_ids,
            self.contract.assignment_ids,
            self.statement,
            self.statement.line_ids,
            self.statement.charge_ids,
            self.billing_run,
            self.billing_run.line_ids,
            self.file,
            self.imported,
            self.statement.move_ids,
            self.customer,
            self.env["meter.billing.run"].create({"through": "2026-02-28"}),
        ]

    def _public_methods(self, model):
        """Yield (name, arguments) of each public method that the module defines."""
        arguments = {
            "grid_load": (self.customer.id,),
            "history_load": (self.device.id,),
            "grid_expected": ("2026-05-31", self.device.meter_ids.ids),
            "grid_save": (
                "2026-05-31",
                [{"meter_id": self.device.meter_ids.id, "value": 5000}],
            ),
            "ingest_batch": (
                "a-batch",
                [
                    {
                        "serial": "SN-1",
                        "meter": "mono",
                        "value": 5000,
                        "date": "2026-05-31",
                    }
                ],
            ),
            "create": ([{}],),
            "write": ({"active": False},),
        }
        for name in dir(type(model)):
            if name.startswith("_") or not callable(getattr(type(model), name)):
                continue
            # Odoo's own of mails: see test_portal_thread and test_reading_mail.
            if name.startswith("message_"):
                continue
            here = any(
                name in vars(cls) and cls.__module__.startswith(MODULE)
                for cls in type(model).mro()
            )
            method = getattr(BaseModel, name, None)
            if here and (method is None or name in ("copy", "create", "write")):
                get_public_method(model, name)
                yield name, arguments.get(name, ())

    @mute_logger("odoo.sql_db")
    def _call_all(self, user, but=()):
        """Call every public method as a user; nothing that is stored may change.

        :param but: names of methods that this user may well call
        :return: the names of those that do more than to name a window to open
        """
        passed, called = set(), 0
        for record in self._records():
            before = self._fingerprint()
            for name, arguments in self._public_methods(record):
                if name in but:
                    continue
                called += 1
                with self.subTest(user=user.login, model=record._name, method=name):
                    with self.env.cr.savepoint() as savepoint:
                        try:
                            result = getattr(record.with_user(user), name)(*arguments)
                            self.assertEqual(self._fingerprint(), before)
                            if not self._is_window(result):
                                passed.add(f"{record._name}.{name}")
                        except (UserError, IntegrityError):
                            pass
                        savepoint.rollback()
                    self.env.invalidate_all()
                    self.assertEqual(self._fingerprint(), before)
        self.assertGreater(called, 40)
        return passed

    @staticmethod
    def _is_window(result):
        return isinstance(result, dict) and result.get("type") in (
            "ir.actions.act_window",
            "ir.actions.client",
            "ir.actions.report",
            "ir.actions.act_url",
        )

    def test_reader_changes_nothing(self):
        self.assertEqual(
            self._call_all(self.reader),
            {
                "meter.reading.grid_load",
                "meter.reading.grid_expected",
                "meter.device.history_load",
            },
        )

    def test_portal_user_gets_through_nowhere(self):
        self.assertEqual(self._call_all(self.portal), set())

    def test_other_company_gets_through_nowhere(self):
        # An empty grid: see below. What it sends goes to its own company's devices
        # (test_reading_api).
        self.assertEqual(
            self._call_all(self.stranger, but=["ingest_batch"]),
            {"meter.reading.grid_load"},
        )

    def test_clerk_is_let_through(self):
        """The calls themselves are good ones: it is the rights that refuse them."""
        clerk = self.clerk
        self.held.with_user(clerk)._accept("Checked")
        self.imported.with_user(clerk).action_retry()
        self.file.with_user(clerk).action_import()
        self.contract.with_user(clerk).action_skip_period()
        self.contract.with_user(clerk).action_close()
        self.contract.with_user(clerk).action_reopen()
        self.assertTrue(self.contract.skipped_through)
        self.assertEqual(self.file.state, "done")

    def test_other_company_loads_an_empty_grid(self):
        grid = (
            self.env["meter.reading"]
            .with_user(self.stranger)
            .grid_load(self.customer.id)
        )
        self.assertEqual((grid["devices"], grid["types"]), ([], []))

    def test_other_company_cannot_enter_readings(self):
        with self._refused(AccessError):
            self.env["meter.reading"].with_user(self.stranger).grid_save(
                "2026-05-31", [{"meter_id": self.device.meter_ids.id, "value": 5000}]
            )

    # === What the groups may do === #

    def test_reader_sees_and_no_more(self):
        for record in (
            self.device,
            self.held,
            self.contract,
            self.statement,
            self.billing_run,
        ):
            seen = record.with_user(self.reader)
            with self.subTest(model=record._name):
                self.assertTrue(seen.read(["display_name"]))
                for operation in ("write", "create", "unlink"):
                    self.assertFalse(seen.has_access(operation))

    def test_reader_opens_every_form(self):
        """No field of a form needs more rights than the form itself."""
        for user in (self.reader, self.clerk, self.manager):
            for record in self._records():
                if not record._name.startswith("meter."):
                    continue
                with self.subTest(user=user.login, model=record._name):
                    form = Form(record[:1].with_user(user))
                    self.assertEqual(form.record, record[:1])

    def test_clerk_bills_without_rights_in_accounting(self):
        self.assertFalse(
            self.env["account.move"].with_user(self.clerk).has_access("create")
        )
        run = (
            self.env["meter.billing.run"]
            .with_user(self.clerk)
            .create({"through": "2026-02-28"})
        )
        run.action_bill()
        statement = run.line_ids.statement_id
        self.assertEqual((statement.invoice_count, len(statement.move_ids)), (1, 0))
        move = statement.with_user(self.env.user).move_ids
        self.assertEqual((move.state, move.amount_untaxed), ("posted", 3))
        with self._refused(UserError, "invoiced already"):
            statement.action_create_invoices()
        with self._refused(UserError, "Reverse or cancel"):
            statement.action_cancel()
        self.assertTrue(statement.contract_id.read(["invoice_count"]))

    def test_clerk_keeps_readings_devices_and_contracts(self):
        as_clerk = self.env(user=self.clerk)
        self.held.with_user(self.clerk)._accept("Checked")
        self.assertEqual(self.held.state, "valid")
        device = self.device.copy({"serial_number": "SN-2"}).with_user(self.clerk)
        device.write({"install_date": "2026-03-01", "partner_id": self.customer.id})
        as_clerk["meter.meter"].create(
            {"device_id": device.id, "type_id": self.mono.id, "opening_value": 5}
        )
        copy = self.contract.with_user(self.clerk).copy()
        copy.assignment_ids = [(0, 0, {"device_id": device.id})]
        copy.action_start()
        self.assertEqual(copy.state, "running")

    def test_configuration_is_the_manager_s(self):
        for vals, name in (({"name": "Scan A3", "code": "scan_a3"}, "meter.type"),):
            with self._refused(AccessError):
                self.env[name].with_user(self.clerk).create(vals)
            record = self.env[name].with_user(self.manager).create(vals)
            with self._refused(AccessError):
                record.with_user(self.clerk).write({"name": "x"})
            with self._refused(AccessError):
                record.with_user(self.clerk).unlink()
            record.unlink()
        for record in (self.model, self.manufacturer):
            with self._refused(AccessError):
                record.with_user(self.clerk).unlink()

    def test_nobody_writes_ledgers(self):
        for user in (self.reader, self.clerk, self.manager):
            for record in (self.statement.line_ids, self.statement.charge_ids):
                self.assertFalse(record.with_user(user).has_access("write"))
            for record in (self.held, self.statement, self.statement.line_ids):
                self.assertFalse(record.with_user(user).has_access("unlink"))

    def test_run_of_another_company(self):
        with self._refused(AccessError):
            self.env["meter.billing.run"].with_user(self.stranger).create(
                {"through": "2026-02-28", "company_id": self.company.id}
            )
        run = (
            self.env["meter.billing.run"]
            .with_user(self.stranger)
            .create({"through": "2026-02-28"})
        )
        run.action_bill()
        self.assertFalse(run.line_ids)
        self.assertFalse(self.contract.statement_ids - self.statement)
