# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""In whatever order readings arrive, what is paid in the end is the same.

Contracts, pages and mishaps at random, through the real stack: readings, billing,
statements, posted invoices. Each example is rolled back.
"""

from collections import Counter
from contextlib import contextmanager

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import float_round

from .invariants import find_broken
from .test_correction import CorrectionCommon

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")
LAST_DAYS = (31, 28, 31, 30)

# What may happen to the reading of a meter at the end of a month before it is right.
MISHAPS = ("none", "early only", "estimated", "typed wrong", "read twice")

months_of_mishaps = st.tuples(
    st.integers(0, 2500),  # pages of the month
    st.sampled_from(MISHAPS),
    st.integers(-400, 400),  # by how much the first value is off
    st.integers(0, 3),  # billing runs until it is put right
)
stories = st.fixed_dictionaries(
    {
        "charge": st.sampled_from(
            [
                {
                    "pricing": "graduated",
                    "tiers": [(700, 0.05), (2000, 0.03), (0, 0.01)],
                },
                {"pricing": "volume", "tiers": [(900, 0.04, 3), (0, 0.02, 7)]},
                {"pricing": "package", "package_size": 500, "price": 4},
                {"price": 0.0333, "included": 800, "carry_over_periods": 2},
                {"price": 0.02, "included": 500, "pooling": "device"},
                {
                    "price": 0.05,
                    "minimum_quantity": 1500,
                    "minimum_price": 0.04,
                    "clawback_periods": 2,
                },
                {
                    "prepaid_block": 1000,
                    "prepaid_price": 0.015,
                    "prepaid_opening": 300,
                    "prepaid_expires": True,
                    "prepaid_expires_periods": 1,
                },
                {"price": 0.01, "every": 3, "included": 400},
            ]
        ),
        "other": st.sampled_from(["minimum", "maximum", "advance", "lessor"]),
        "devices": st.lists(
            st.lists(months_of_mishaps, min_size=4, max_size=4), min_size=1, max_size=2
        ),
        "correct_now": st.booleans(),
    }
)


@tagged("post_install", "-at_install")
class TestOrderOfArrival(CorrectionCommon):
    def test_what_is_paid_does_not_depend_on_it(self):
        @settings(
            max_examples=8,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(stories)
        def check(story):
            with self._rolled_back():
                contract, devices = self._set_up(story)
                with self._rolled_back():
                    expected = self._tell(story, contract, devices, in_order=True)
                paid = self._tell(story, contract, devices, in_order=False)
                self.assertEqual(paid, expected)

        check()

    @contextmanager
    def _rolled_back(self):
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def _set_up(self, story):
        """Return the running contract of a story and its devices."""
        values = dict(story["charge"])
        if tiers := values.pop("tiers", None):
            values["tier_ids"] = self._tiers(*tiers)
        others = {
            "minimum": {"name": "Limit", "kind": "minimum_amount", "amount": 45},
            "maximum": {"name": "Limit", "kind": "maximum_amount", "amount": 45},
            "advance": {
                "name": "Base",
                "kind": "fixed",
                "amount": 12.5,
                "per": "device",
                "timing": "advance",
            },
            "lessor": {
                "name": "Base",
                "kind": "fixed",
                "amount": 30,
                "payer_id": self.partner_a.id,
            },
        }
        devices = [
            self._device(f"SN-{number}") for number, _ in enumerate(story["devices"])
        ]
        contract = self.env["meter.contract"].create(
            {
                "partner_id": self.customer.id,
                "date_start": "2026-01-01",
                "charge_ids": [Command.create(self._usage(**values))],
                "assignment_ids": [
                    Command.create({"device_id": device.id}) for device in devices
                ],
            }
        )
        other = others[story["other"]]
        if other["name"] == "Limit":
            other["covered_charge_ids"] = contract.charge_ids.ids
        contract.charge_ids = [Command.create(other)]
        contract.action_start()
        self.env.flush_all()
        return contract, devices

    def _tell(self, story, contract, devices, in_order):
        """Read and bill month by month; return what each payer has paid in the end.

        :param bool in_order: each reading is right and there before it is billed
        """
        to_repair = []
        values = dict.fromkeys(devices, 0)
        for number, (month, last_day) in enumerate(zip(MONTHS, LAST_DAYS, strict=True)):
            for device, months in zip(devices, story["devices"], strict=True):
                pages, mishap, off, runs = months[number]
                before, values[device] = values[device], values[device] + pages
                repair = self._read_month(
                    device, f"{month}-{last_day}", before, pages, mishap, off, in_order
                )
                to_repair.append((number + runs, repair))
            self._run(f"{month}-{last_day}", contract)
            for due, repair in to_repair:
                if due == number:
                    repair()
            if story["correct_now"] and contract.correct_from:
                self._correct(contract)
        for due, repair in to_repair:
            if due >= len(MONTHS):
                repair()
        if contract.correct_from:
            self._correct(contract)
        self.assertEqual(str(contract.billed_through), "2026-04-30")
        self.assertEqual(find_broken(self.env), {})
        self._assert_settled(contract)
        return self._paid(contract)

    def _correct(self, contract):
        """Bill the differences; where there is none, the next statement sees to it."""
        chains = list(contract._get_periods_to_correct().values())
        contract._set_terms(chains)
        contract._set_intervals(chains)
        contract._book(chains)

    def _read_month(self, device, day, before, pages, mishap, off, in_order):
        """Read a device at the end of a month; return what puts it right later."""
        value = before + pages
        early = day[:8] + "20"
        wrong = max(value + off, 0)
        if mishap == "early only":
            # A reading of the middle of the month; that of its end comes late.
            self._take(device, early, before + pages // 2)
            if in_order:
                self._take(device, day, value)
            else:
                return lambda: self._take(device, day, value)
        elif in_order or mishap == "none":
            self._take(device, day, value)
        elif mishap == "estimated":
            self._take(device, day, wrong, kind="estimated")
            return lambda: self._take(device, day, value, moment="13:00:00")
        elif mishap == "typed wrong":
            reading = self._take(device, day, wrong)
            return lambda: self._accept(reading._correct(value, "Typed it wrong"))
        else:
            self._take(device, day, value)
            reading = self._take(device, day, value + abs(off) + 1, moment="18:00:00")
            return lambda: reading._reject("Wrong")
        return lambda: None

    def _take(self, device, day, value, kind="actual", moment="12:00:00"):
        """Store a reading, and accept it where it is on hold."""
        reading = self.env["meter.reading"]._ingest_or_raise(
            [
                {
                    "meter_id": self._meter(device).id,
                    "read_at": f"{day} {moment}",
                    "value": value,
                    "kind": kind,
                }
            ],
            source="manual",
        )
        return self._accept(reading)

    def _accept(self, reading):
        if reading.state == "hold":
            reading._accept("Checked")
        return reading

    def _paid(self, contract):
        """Return what each payer was invoiced less what it was credited, untaxed."""
        paid = Counter()
        moves = contract.statement_ids.move_ids
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        for move in moves:
            sign = -1 if move.move_type == "out_refund" else 1
            paid[move.partner_id.name] += sign * move.amount_untaxed
        return {name: float_round(paid[name], 2) for name in paid if paid[name]}
