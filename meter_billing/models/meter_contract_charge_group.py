# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Charges of some devices only: an allowance, tiers or a rental of a group."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class MeterContractCharge(models.Model):
    _inherit = "meter.contract.charge"

    place_ids = fields.Many2many(
        "meter.contract.device",
        "meter_contract_charge_place_rel",
        "charge_id",
        "place_id",
        string="Only These Devices",
        domain="[('contract_id', '=', contract_id)]",
        copy=False,  # the devices of a contract are not duplicated with it
        ondelete="restrict",
        help="Included pages, tiers and minimum are theirs alone, and only their pages "
        "are charged here. A device that replaces one of them takes over its place. "
        "Empty: all devices of the contract.",
    )

    @api.constrains("place_ids", "contract_id")
    def _check_places(self):
        for charge in self:
            if charge.place_ids.contract_id - charge.contract_id:
                raise ValidationError(
                    self.env._(
                        "Charge %(charge)s: choose devices of its own contract.",
                        charge=charge.name,
                    )
                )

    def _filter_charging(self, assignment):
        """Return those of these charges that charge something of a device.

        :param assignment: the meter.contract.device record
        """
        place = assignment.place_id
        return self.filtered(
            lambda charge: not charge.place_ids or place in charge.place_ids.place_id
        )

    def _get_rating_places(self):
        """Return the keys of the only places that the engine is to count, or None."""
        if not self.place_ids:
            return None
        return frozenset(str(place.id) for place in self.place_ids.place_id)


class MeterContractDevice(models.Model):
    _inherit = "meter.contract.device"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_in_group(self):
        charges = self.env["meter.contract.charge"].search(
            [("place_ids", "in", self.ids)], limit=1
        )
        if charges:
            raise UserError(
                self.env._(
                    "Take the device off the charge %(charge)s first.",
                    charge=charges.name,
                )
            )
