# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What is wrong with a contract's set-up is said at once, and blocks where certain."""

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .common import MeterBillingCommon


@tagged("post_install", "-at_install")
class TestContractLint(MeterBillingCommon):
    def _draft(self, charges, *devices, **values):
        """Return a contract that is not started."""
        return self.env["meter.contract"].create(
            {
                "partner_id": self.customer.id,
                "date_start": "2026-01-01",
                "charge_ids": [Command.create(charge) for charge in charges],
                "assignment_ids": [
                    Command.create({"device_id": device.id}) for device in devices
                ],
                **values,
            }
        )

    def _assert_findings(self, contract, *expected):
        """Check the findings: (severity, words of the message) of each, in order."""
        found = [(f.severity, f.message) for f in contract._get_findings()]
        self.assertEqual(len(found), len(expected), found)
        for (severity, message), (wanted, *words) in zip(found, expected, strict=True):
            self.assertEqual(severity, wanted, message)
            for word in words:
                self.assertIn(word, message)

    def test_nothing_wrong(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        contract = self._draft(
            [
                self._usage("mono", name="Mono", price=0.01),
                self._usage("colour", name="Colour", price=0.1),
                {"name": "Rental", "kind": "fixed", "amount": 50},
            ],
            device,
        )
        self._assert_findings(contract)
        self.assertFalse(contract.set_up_severity)
        self.assertFalse(contract.set_up_findings)
        self.assertIsNone(contract.action_start())

    # === Devices and meters in no charge === #

    def test_device_in_no_charge_blocks(self):
        contract = self._draft(
            [self._usage("mono", name="Mono", price=0.01)],
            self._device("SN-1"),
            self._device("SN-2", opening={"scan": 0}),
        )
        self._assert_findings(contract, ("error", "SN-2", contract.name))
        self.assertEqual(contract.set_up_severity, "error")
        with self._refused(UserError, "SN-2"):
            contract.action_start()
        self.assertEqual(contract.state, "draft")
        # An amount for each device is a charge as well.
        contract.charge_ids = [
            Command.create(
                {"name": "Service", "kind": "fixed", "amount": 5, "per": "device"}
            )
        ]
        self._assert_findings(contract)
        contract.action_start()

    def test_device_of_no_group(self):
        one, two = self._device("SN-1"), self._device("SN-2")
        contract = self._draft([self._usage("mono", name="Mono", price=0.01)], one, two)
        contract.charge_ids.place_ids = contract.assignment_ids[0]
        self._assert_findings(contract, ("error", "SN-2"))

    def test_device_under_the_fixed_amount_only(self):
        rental = {"name": "Rental", "kind": "fixed", "amount": 50}
        mono = self._usage("mono", name="Mono", price=0.01)
        scanner = self._device("SN-2", opening={"scan": 0})
        contract = self._draft([rental, mono], self._device("SN-1"), scanner)
        self._assert_findings(contract, ("warning", "SN-2", "fixed amount"))
        # A flat rate for all devices and pages is meant.
        flat = self._draft([rental], self._device("SN-3"))
        self._assert_findings(flat)

    def test_pages_in_no_charge(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0, "scan": 0})
        contract = self._draft([self._usage("mono", name="Mono", price=0.01)], device)
        self._assert_findings(contract, ("warning", "SN-1", self.colour.name))
        # A part of the mono pages has no charge of its own: it is in them.
        part = self._device("SN-2", opening={"mono": 0, "mono_a3": 0})
        contract = self._draft([self._usage("mono", name="Mono", price=0.01)], part)
        self._assert_findings(contract)

    def test_a_device_that_left_is_no_finding(self):
        scanner = self._device("SN-2", opening={"scan": 0})
        contract = self._draft(
            [self._usage("mono", name="Mono", price=0.01)],
            self._device("SN-1"),
            scanner,
        )
        assignment = contract.assignment_ids.filtered(lambda a: a.device_id == scanner)
        assignment.date_end = "2026-01-31"
        # It is there in January, which is the next period to bill; then no more.
        self._assert_findings(contract, ("error", "SN-2"))
        contract.charge_ids.copy(
            {"contract_id": contract.id, "kind": "fixed", "amount": 1, "per": "device"}
        )
        contract.action_start()
        self._read(self.env["meter.device"].browse(scanner.id), "2026-01-31", scan=5)
        self._read(contract.assignment_ids[0].device_id, "2026-01-31", mono=5)
        self._bill(contract, "2026-01-31")
        contract.charge_ids[1].date_to = "2026-01-31"
        self._assert_findings(contract)

    # === Charges === #

    def test_charge_whose_meters_no_device_has(self):
        contract = self._draft(
            [
                self._usage("mono", name="Mono", price=0.01),
                self._usage("colour", name="Colour", price=0.05),
            ],
            self._device("SN-1"),
        )
        self._assert_findings(contract, ("warning", "Colour", "no device"))
        # Of a derived type, the meters that it adds.
        total = self.env["meter.type"].create(
            {
                "name": "All",
                "code": "all",
                "add_type_ids": [Command.set([self.colour.id])],
                "subtract_type_ids": [Command.set([self.mono.id])],
            }
        )
        contract.charge_ids[1].meter_type_ids = total
        self._assert_findings(contract, ("warning", "Colour", "no device", "All"))

    def test_billed_twice(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        mono = self._usage("mono", name="Mono", price=0.01)
        both = self._usage("mono", "colour", name="Everything", price=0.02)
        contract = self._draft([mono, both], device)
        found = contract._get_findings()
        self.assertEqual(
            [f.message for f in found if "twice" in f.message],
            [
                "Mono pages are billed twice, by Mono, Everything. Take the meter out "
                "of one, unless each is a part of the price."
            ],
        )
        # Two payers share the price.
        contract.charge_ids[0].payer_id = self.partner_a
        self.assertFalse([f for f in contract._get_findings() if "twice" in f.message])

    def test_a_derived_difference_is_not_billed_twice(self):
        colour = self.env["meter.type"].create(
            {
                "name": "Total less mono",
                "code": "rest",
                "add_type_ids": [Command.set([self.total.id])],
                "subtract_type_ids": [Command.set([self.mono.id])],
            }
        )
        contract = self._draft(
            [
                self._usage("mono", name="Mono", price=0.01),
                self._usage("rest", name="Rest", price=0.05),
            ],
            self._device("SN-1", opening={"mono": 0, "total": 0}),
        )
        self._assert_findings(contract)
        # The same type added to the meter that it adds: its pages twice in a charge.
        contract.charge_ids[1].meter_type_ids = colour | self.total
        self._assert_findings(contract, ("warning", "twice", self.total.name))

    def test_new_prices_are_not_billed_twice(self):
        contract = self._contract(
            [self._usage("mono", name="Mono", price=0.01)], self._device("SN-1")
        )
        contract.charge_ids.date_to = "2026-01-31"
        contract.charge_ids.copy(
            {
                "contract_id": contract.id,
                "previous_id": contract.charge_ids.id,
                "date_from": "2026-02-01",
                "price": 0.011,
            }
        )
        self._assert_findings(contract)

    def test_colour_in_a_mono_charge(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        contract = self._draft(
            [self._usage("mono", "colour", name="Pages", price=0.01)], device
        )
        self._assert_findings(contract, ("warning", "Pages", "mono"))
        self.colour.weight = 5  # told apart by weight
        self._assert_findings(contract)
        self.colour.weight = 1
        other = self._device("SN-2", opening={"colour": 0})
        contract = self._draft(
            [self._usage("colour", name="Mono pages", price=0.01)], other
        )
        self._assert_findings(contract, ("warning", "Mono pages", self.colour.name))

    # === Prices === #

    def test_price_of_zero(self):
        contract = self._draft([self._usage("mono", name="Mono")], self._device("SN-1"))
        self._assert_findings(contract, ("warning", "Mono", "price of 0"))
        # A free first tier is an allowance; all free is not.
        tiers = {"pricing": "graduated", "price": 0}
        free = self._usage("mono", tier_ids=self._tiers((100, 0), (None, 0)), **tiers)
        priced = self._usage(
            "mono", tier_ids=self._tiers((100, 0), (None, 0.01)), **tiers
        )
        self._assert_findings(
            self._draft([free], self._device("SN-2")), ("warning", "price of 0")
        )
        self._assert_findings(self._draft([priced], self._device("SN-3")))

    def test_price_above_ten_times_its_siblings(self):
        device = self._device("SN-1", opening={"mono": 0, "mono_a3": 0, "colour": 0})
        mono = self._usage("mono", name="Mono", price=0.01)
        colour = self._usage("colour", name="Colour", price=0.1)
        contract = self._draft([mono, colour], device)
        self._assert_findings(contract)  # ten times is not above
        contract.charge_ids[1].price = 0.101
        self._assert_findings(contract, ("warning", "Colour", "0.101", "0.01"))
        # Mono pages are measured by mono pages where there are any.
        contract.charge_ids[1].price = 0.1
        contract.charge_ids = [
            Command.create(self._usage("mono_a3", name="A3", price=0.12))
        ]
        self._assert_findings(contract, ("warning", "A3", "0.12", "(0.01)"))

    def test_a_package_is_measured_by_the_page(self):
        device = self._device("SN-1", opening={"mono": 0, "colour": 0})
        package = self._usage(
            "colour", name="Colour", pricing="package", package_size=1000, price=80
        )
        mono = self._usage("mono", name="Mono", price=0.01)
        contract = self._draft([mono, package], device)
        self._assert_findings(contract)
        contract.charge_ids[1].package_size = 100
        self._assert_findings(contract, ("warning", "Colour", "0.8"))

    def test_a_tier_above_its_siblings(self):
        tiers = self._tiers((1000, 0.01), (None, 0.9))
        charge = self._usage("mono", name="Mono", pricing="graduated", tier_ids=tiers)
        contract = self._draft([charge], self._device("SN-1"))
        self._assert_findings(contract, ("warning", "Mono", "0.9"))

    # === Whole contracts === #

    def test_no_charge_and_no_device(self):
        contract = self._draft([])
        self._assert_findings(contract, ("error", "charges"), ("warning", "no device"))
        with self._refused(UserError, "charges"):
            contract.action_start()

    def test_terms_that_cannot_be_rated(self):
        contract = self._draft(
            [
                self._usage("mono", name="Mono", price=0.01),
                {
                    "name": "At least",
                    "kind": "minimum_amount",
                    "amount": 10,
                    "covered_charge_ids": [],
                },
            ][:1],
            self._device("SN-1"),
        )
        minimum = self.env["meter.contract.charge"].create(
            {
                "contract_id": contract.id,
                "name": "At least",
                "kind": "minimum_amount",
                "amount": 10,
                "covered_charge_ids": [Command.set(contract.charge_ids.ids)],
            }
        )
        self._assert_findings(contract)
        minimum.covered_charge_ids.copy({"contract_id": contract.id})
        minimum.covered_charge_ids.date_from = "2027-01-01"
        self.assertIn("error", {f.severity for f in contract._get_findings()})

    def test_over_and_closed_contracts_have_no_findings(self):
        contract = self._contract([self._usage("mono")], self._device("SN-1"))
        self._assert_findings(contract, ("warning", "price of 0"))
        contract.action_close()
        self._assert_findings(contract)

    # === Saving and starting === #

    def test_start_shows_warnings(self):
        contract = self._draft([self._usage("mono", name="Mono")], self._device("SN-1"))
        action = contract.action_start()
        self.assertEqual(contract.state, "running")
        self.assertIn("price of 0", action["params"]["message"])
        contract.action_close()
        self.assertIn("price of 0", contract.action_reopen()["params"]["message"])

    def test_saving_a_running_contract_with_an_error(self):
        contract = self._contract(
            [self._usage("mono", name="Mono", price=0.01)], self._device("SN-1")
        )
        scanner = self._device("SN-2", opening={"scan": 0})
        with self._refused(ValidationError, "SN-2"), Form(contract) as form:
            with form.assignment_ids.new() as line:
                line.device_id = scanner
        # With its charge it is saved, whatever is stored first.
        contract.write(
            {
                "assignment_ids": [Command.create({"device_id": scanner.id})],
                "charge_ids": [
                    Command.create(self._usage("scan", name="Scans", price=0.005))
                ],
            }
        )
        self.assertEqual(contract.device_count, 2)
        # Warnings do not keep from saving.
        contract.charge_ids[1].price = 0
        contract.write({"charge_ids": [Command.update(contract.charge_ids[1].id, {})]})
        self.assertEqual(contract.set_up_severity, "warning")
        self.assertIn("<li>Charge Scans has a price of 0", contract.set_up_findings)

    def test_what_happens_to_devices_is_not_refused(self):
        contract = self._contract(
            [self._usage("mono", name="Mono", price=0.01)], self._device("SN-1")
        )
        self.env["meter.contract.device"].create(
            {
                "contract_id": contract.id,
                "device_id": self._device("SN-2", opening={"scan": 0}).id,
            }
        )
        self._assert_findings(contract, ("error", "SN-2"))

    def test_names_are_escaped(self):
        charge = self._usage("mono", name="<b>Mono</b>")
        contract = self._draft([charge], self._device("SN-1"))
        self.assertIn("&lt;b&gt;Mono", contract.set_up_findings)

    # === The list === #

    def test_findings_of_all_running_contracts(self):
        one = self._contract([self._usage("mono", name="Mono")], self._device("SN-1"))
        self._draft([self._usage("mono")], self._device("SN-2"))
        action = self.env["meter.contract.finding"].action_view_all()
        found = self.env["meter.contract.finding"].search(action["domain"])
        found = found.filtered(lambda finding: finding.partner_id == self.customer)
        self.assertEqual(found.contract_id, one)
        self.assertEqual(found.charge_id, one.charge_ids)
        self.assertEqual(found.severity, "warning")
        self.assertEqual(found.action_open()["res_id"], one.id)

    def test_many_contracts_in_hardly_more_queries(self):
        def count(contracts):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            contracts._get_findings()
            return self.env.cr.sql_log_count - before

        def make(prefix, number):
            contracts = self.env["meter.contract"]
            for index in range(number):
                device = self._device(f"{prefix}{index}")
                contracts |= self._contract([self._usage("mono", price=0.01)], device)
            return contracts

        few, many = make("A", 2), make("B", 12)
        count(few)  # warm up
        self.assertLessEqual(count(many), count(few) + 2)
