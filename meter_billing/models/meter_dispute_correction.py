# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What put a disputed reading, amount or device right: none is closed as corrected
without it. What the ledgers' own ways have left since is found; else it is chosen."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class MeterDispute(models.Model):
    _inherit = "meter.dispute"

    correction_ref = fields.Reference(
        [
            ("meter.reading", "Reading"),
            ("meter.event", "Event"),
            ("meter.statement", "Statement"),
            ("account.move", "Credit Note"),
            ("meter.device", "Device"),
        ],
        string="What Was Corrected",
        copy=False,
        tracking=True,
        help="What puts it right. Empty: what was done since is found when the dispute "
        "is closed as corrected.",
    )

    @api.constrains("state", "correction_ref")
    def _check_correction(self):
        for dispute in self:
            if dispute.state == "corrected" and not dispute.correction_ref:
                raise ValidationError(
                    self.env._("What is closed as corrected names what was corrected.")
                )

    def action_corrected(self):
        """Close with a correction, which is found where it is not chosen.

        :raises UserError: nothing was corrected
        """
        self.check_access("write")
        self._check_answer()
        for dispute in self.filtered(lambda one: not one.correction_ref):
            dispute.correction_ref = dispute._find_correction()
            if not dispute.correction_ref:
                raise UserError(
                    self.env._(
                        "%(dispute)s: nothing was corrected yet. Do so first, or "
                        "choose what was corrected; or close it as explained.",
                        dispute=dispute.name,
                    )
                )
        return super().action_corrected()

    # === What was done about it === #

    def _find_correction(self):
        """Return ``model,id`` of what was done about it since it was told, or False."""
        self.ensure_one()
        device = self.device_id
        if self.kind == "missing":
            found = self._find_added_device()
        elif self.kind == "gone" and device.state == "removed":
            found = device
        elif self.kind in ("gone", "moved", "unknown"):
            found = self._find_since("meter.reading", "device_id", device, "move")
            if not found and device.commercial_partner_id != self.partner_id:
                found = device
        else:
            reading = self.reading_id or self.statement_line_id.end_reading_id
            found = self._find_corrected_reading(reading) or self._find_credit()
        return found and f"{found._name},{found.id}"

    def _find_since(self, model, field, about, source=None):
        """Return the last record about other ones that came since it was told."""
        domain = [(field, "in", about.ids), ("create_date", ">=", self.create_date)]
        if source:
            domain.append(("source", "=", source))
        return self.env[model].search(domain, order="id desc", limit=1)

    def _find_corrected_reading(self, reading):
        """Return what took a reading's place, the reading that counts no more, or the
        event that explains it."""
        later = self._find_since("meter.reading", "supersedes_id", reading)
        if later:
            return later
        if reading.state in ("rejected", "superseded"):
            return reading
        return self._find_since("meter.event", "meter_id", reading.meter_id)

    def _find_credit(self):
        """Return what corrected or credited the statement, or it where cancelled."""
        # sudo: whether it was credited; who reads no invoices is told the statement
        invoices = self.sudo().move_id
        statements = self.statement_id or invoices.meter_statement_ids.with_env(
            self.env
        )
        cancelled = statements.filtered(lambda one: one.state == "cancelled")
        if cancelled:
            return cancelled[0]
        charge = self._find_since(
            "meter.statement.charge", "corrected_statement_id", statements
        )
        if charge:
            return charge.statement_id
        invoices |= statements.sudo().charge_ids.move_line_ids.move_id
        credit = self.sudo()._find_since("account.move", "reversed_entry_id", invoices)
        credit = credit.with_env(self.env)
        return credit if not credit or credit.has_access("read") else statements[:1]

    def _find_added_device(self):
        """Return the customer's device that was missing in the list."""
        serial = (self.serial_number or "").strip()
        devices = self.env["meter.device"]._find_by_serial([serial], self.company_id)
        found = next(iter(devices.values()), self.env["meter.device"])
        return found.filtered(
            lambda device: device.commercial_partner_id == self.partner_id
        )[:1]

    # === Doing it === #

    def action_move_device(self):
        """Open the form that moves the device: to another place or customer."""
        return self._get_device().action_move()

    def action_remove_device(self):
        """Open the form that takes the device out of service."""
        return self._get_device().action_remove()

    def _get_device(self):
        self.ensure_one()
        self.check_access("write")
        if not self.device_id:
            raise UserError(self.env._("The dispute is about no device."))
        return self.device_id

    def action_add_device(self):
        """Open the form of a new device of the customer, with the serial number."""
        self.ensure_one()
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Device"),
            "res_model": "meter.device",
            "view_mode": "form",
            "context": {
                "default_serial_number": self.serial_number,
                "default_partner_id": self.partner_id.id,
                "default_company_id": self.company_id.id,
            },
        }
