# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Set-up mistakes that lose money silently, found before a bill shows them.

========================================================  ========
finding                                                   severity
========================================================  ========
no charge at all; charges that cannot be rated            error
a device that nothing at all is charged for               error
a device that only the contract's fixed amount covers     warning
colour or mono pages of a device that no charge takes     warning
pages that two charges bill in full to the same payer     warning
a colour meter in a mono charge                           warning
a price of 0; one above ten times its siblings            warning
a charge whose meters no device has; no device at all     warning
a device that stands at another customer                  warning
========================================================  ========

An error is certainly wrong: such a contract does not start, and a running one is not
saved with it. A warning may be meant; devices, for one, may come later. What happens to
devices elsewhere (moved, replaced) is a fact and never refused: it becomes a finding.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError

SEVERITIES = [("error", "Error"), ("warning", "Warning")]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a contract, in words that say what to do."""

    severity: str
    contract: models.Model
    message: str
    charge: models.Model = None
    device: models.Model = None


@dataclass(frozen=True)
class SetUp:
    """What of a contract is not over: its charges, later ones too, and its devices."""

    contract: models.Model
    charges: models.Model  # that apply now or later
    in_force: models.Model  # in the next period
    assignments: models.Model
    rating_types: tuple
    words: dict  # category: what its meter types are called, in lower case

    @cached_property
    def usage_charges(self):
        return _select(self.charges, lambda charge: charge.kind == "usage")

    @cached_property
    def pages(self):
        """(assignment, {meter: {charge: how often it takes its pages}}) of each device.

        Charges that take no pages of a meter are left out.
        """
        charges = self.usage_charges
        counts = {
            charge: charge.meter_type_ids._count_read_types() for charge in charges
        }
        return [
            (
                assignment,
                {
                    meter: {
                        charge: counts[charge][meter.type_id]
                        for charge in charges._filter_charging(assignment)
                        if counts[charge][meter.type_id] > 0
                    }
                    for meter in assignment.device_id.meter_ids
                },
            )
            for assignment in self.assignments
        ]

    def is_called(self, charge, category):
        """Tell whether a charge's name holds that of a meter type of a category."""
        return any(word in charge.name.lower() for word in self.words[category])


def _select(records, condition):
    """Return those that fulfil a condition; all of all contracts are read together."""
    return records.filtered(condition).with_prefetch(records._prefetch_ids)


class MeterContract(models.Model):
    _inherit = "meter.contract"

    set_up_severity = fields.Selection(SEVERITIES, compute="_compute_set_up")
    set_up_findings = fields.Html(
        compute="_compute_set_up", sanitize=False, string="Set-up Findings"
    )

    @api.depends(
        "state",
        "next_period_start",
        "partner_id",
        "assignment_ids.device_id.partner_id",
        "charge_ids.kind",
        "charge_ids.per",
        "charge_ids.meter_type_ids",
        "charge_ids.place_ids",
        "charge_ids.price",
        "charge_ids.pricing",
        "charge_ids.tier_ids.price",
        "charge_ids.date_to",
        "assignment_ids.date_end",
        "assignment_ids.device_id.meter_ids.type_id",
    )
    def _compute_set_up(self):
        findings = defaultdict(list)
        for finding in self._origin._get_findings():
            findings[finding.contract].append(finding)
        for contract in self:
            found = findings[contract._origin]
            severities = {finding.severity for finding in found}
            contract.set_up_severity = min(severities, default=False)
            contract.set_up_findings = contract._list_findings(found)

    @api.model
    def _list_findings(self, findings):
        """Return findings as a list in HTML, errors in bold, or False."""
        formats = {
            "error": Markup('<li class="fw-bold">%s</li>'),
            "warning": Markup("<li>%s</li>"),
        }
        items = [formats[finding.severity] % finding.message for finding in findings]
        return items and Markup('<ul class="mb-0 ps-3">%s</ul>') % Markup().join(items)

    @api.constrains("state", "charge_ids", "current_charge_ids", "assignment_ids")
    def _check_set_up(self):
        running = self.filtered(lambda contract: contract.state == "running")
        errors = [
            finding
            for finding in running._get_findings()
            if finding.severity == "error"
        ]
        if errors:
            raise ValidationError("\n".join(error.message for error in errors))

    def action_start(self):
        """Let the contracts be billed; say what looks wrong but may be meant.

        :raises UserError: a contract has a finding that is an error
        """
        super().action_start()
        warnings = self._get_findings()
        if not warnings:
            return None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Started, but please check"),
                "message": "\n".join(warning.message for warning in warnings),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === Looking === #

    def _get_findings(self):
        """Return the findings of these contracts, errors first.

        Contracts that are closed or billed to their end have none.

        :return: list of :class:`Finding`
        """
        findings = [
            finding
            for set_up in self._get_set_ups()
            for check in self._get_set_up_checks()
            for finding in getattr(self, check)(set_up)
        ]
        return sorted(findings, key=lambda finding: finding.severity)

    @api.model
    def _get_set_up_checks(self):
        """Return the names of the checks, in the order of their findings.

        Each takes a :class:`SetUp` and yields a :class:`Finding` for each thing that is
        wrong. Meant to be extended.
        """
        return [
            "_lint_terms",
            "_lint_no_device",
            "_lint_other_customer",
            "_lint_device_in_no_charge",
            "_lint_pages_in_no_charge",
            "_lint_billed_twice",
            "_lint_colour_in_mono",
            "_lint_zero_price",
            "_lint_high_price",
            "_lint_unused_charge",
        ]

    def _get_set_ups(self):
        rating_types = self._get_rating_types()
        words = self._get_category_words()
        set_ups = []
        for contract in self:
            day = contract.next_period_start
            if contract.state == "closed" or not day:
                continue
            set_ups.append(
                SetUp(
                    contract=contract,
                    charges=_select(
                        contract.charge_ids,
                        lambda charge, day=day: (charge.date_to or day) >= day,
                    ),
                    in_force=contract._get_charges(day),
                    assignments=_select(
                        contract.assignment_ids,
                        lambda assignment, day=day: (
                            (assignment._get_last_day() or day) >= day
                        ),
                    ),
                    rating_types=rating_types,
                    words=words,
                )
            )
        return set_ups

    @api.model
    def _get_category_words(self):
        words = {"mono": {"mono"}, "colour": {"colour", "color"}}
        named = self.env["meter.type"].search([("category", "in", list(words))])
        for meter_type in named:
            words[meter_type.category].add(meter_type.name.lower())
        return words
