# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command


class MeterContractDevice(models.Model):
    """A device's time in a contract. A replacement takes over the same place."""

    _name = "meter.contract.device"
    _description = "Device in a Contract"
    _order = "contract_id, date_start, id"
    _rec_name = "device_id"
    _check_company_auto = True

    contract_id = fields.Many2one(
        "meter.contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True)
    device_id = fields.Many2one(
        "meter.device",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
    )
    location_id = fields.Many2one(related="device_id.location_id")
    date_start = fields.Date(
        required=True,
        compute="_compute_date_start",
        store=True,
        readonly=False,
        precompute=True,
        string="From",
    )
    date_end = fields.Date(string="Until", help="Last day. Empty: with the contract.")
    replaces_id = fields.Many2one(
        "meter.contract.device",
        string="Takes over from",
        domain="[('contract_id', '=', contract_id), ('id', '!=', id)]",
        ondelete="restrict",
        help="The device in whose place it stands: they count as one place.",
    )
    is_billed = fields.Boolean(
        compute="_compute_is_billed", help="A period was billed with this device."
    )
    place_id = fields.Many2one(
        "meter.contract.device",
        compute="_compute_place_id",
        store=True,
        recursive=True,
        help="The first device of the place.",
    )

    _dates_ordered = models.Constraint(
        "CHECK (date_end IS NULL OR date_end >= date_start)",
        "A device cannot leave a contract before it joined it.",
    )
    # Ranges of one element need no extension for equality in a gist index.
    _one_contract_at_a_time = models.Constraint(
        "EXCLUDE USING gist (int4range(device_id, device_id, '[]') WITH &&, "
        "daterange(date_start, date_end, '[]') WITH &&)",
        "A device can be in one contract at a time only: its pages would be billed "
        "twice.",
    )
    _replaces_once = models.UniqueIndex(
        "(replaces_id) WHERE replaces_id IS NOT NULL",
        "That device has been replaced by another one already.",
    )

    @api.depends(
        "contract_id.date_start", "device_id.install_date", "device_id.reinstall_date"
    )
    def _compute_date_start(self):
        for assignment in self:
            if not assignment.date_start:
                dates = (
                    assignment.contract_id.date_start,
                    assignment.device_id and assignment.device_id._get_service_start(),
                )
                assignment.date_start = max((d for d in dates if d), default=False)

    @api.depends("replaces_id.place_id")
    def _compute_place_id(self):
        for assignment in self:
            replaced = assignment.replaces_id
            assignment.place_id = (replaced.place_id or replaced) or assignment._origin

    def _compute_is_billed(self):
        billed = {
            assignment.id
            # sudo: what was billed binds whoever may see it
            for (assignment,) in self.env["meter.statement.line"]
            .sudo()
            ._read_group(
                [("assignment_id", "in", self.ids), ("state", "=", "confirmed")],
                ["assignment_id"],
            )
        }
        for assignment in self:
            assignment.is_billed = assignment._origin.id in billed

    @api.constrains("date_start", "device_id", "contract_id")
    def _check_date_start(self):
        for assignment in self:
            contract, device = assignment.contract_id, assignment.device_id
            if assignment.date_start < contract.date_start:
                raise ValidationError(
                    self.env._(
                        "%(device)s joins %(contract)s on %(date)s, before the "
                        "contract starts.",
                        device=device.display_name,
                        contract=contract.name,
                        date=assignment.date_start.isoformat(),
                    )
                )
            if not device.install_date or assignment.date_start < device.install_date:
                raise ValidationError(
                    self.env._(
                        "%(device)s joins %(contract)s on %(date)s, before it is "
                        "installed.",
                        device=device.display_name,
                        contract=contract.name,
                        date=assignment.date_start.isoformat(),
                    )
                )

    @api.constrains("date_end")
    def _check_billed(self):
        for assignment in self.filtered("date_end"):
            billed = assignment.contract_id.billed_through
            if (
                billed
                and assignment.date_end < billed
                and assignment._get_lines(after=assignment.date_end)
            ):
                raise ValidationError(
                    self.env._(
                        "%(device)s has been billed to %(date)s: it cannot leave the "
                        "contract before that.",
                        device=assignment.device_id.display_name,
                        date=billed.isoformat(),
                    )
                )

    @api.constrains("replaces_id")
    def _check_replaces(self):
        if self._has_cycle("replaces_id"):
            raise ValidationError(self.env._("Devices cannot replace each other."))
        for assignment in self.filtered("replaces_id"):
            if assignment.replaces_id.contract_id != assignment.contract_id:
                raise ValidationError(
                    self.env._("A device takes over a place in its own contract.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        # The database compares with the days that are stored: store them first.
        self.flush_model(["date_start", "date_end"])
        return super().create(vals_list)

    def write(self, vals):
        self._check_stays_billed(vals)
        result = super().write(vals)
        if vals.get("date_end"):
            self._reject_estimates_after()
        return result

    def _check_stays_billed(self, vals):
        """Raise where a billed row would become one of another device or contract.

        What was billed here would be billed there once more, or never again here.
        """
        names = {"contract_id", "device_id"} & set(vals)
        changing = self.filtered(
            lambda one: any(one[name].id != vals[name] for name in names)
        )
        if billed := changing._get_lines():
            raise UserError(
                self.env._(
                    "%(device)s was billed in %(contract)s: its row stays as it is. "
                    "Enter the day on which it left, and add a row for the other "
                    "device, or use Move or Replace on the device.",
                    device=billed[0].device_id.display_name,
                    contract=billed[0].contract_id.name,
                )
            )

    def _reject_estimates_after(self):
        """Let what billing estimated for days after these devices left not count.

        Nothing was printed here then; elsewhere it would stand for a reading.
        """
        left = {
            assignment.device_id.id: assignment.date_end
            for assignment in self
            if assignment.date_end
        }
        if not left:
            return
        estimates = (
            self.env["meter.reading"]
            .search(
                [
                    ("device_id", "in", list(left)),
                    ("date", ">", min(left.values())),
                    ("source", "=", "estimate"),
                    ("state", "=", "valid"),
                ]
            )
            .filtered(lambda reading: reading.date > left[reading.device_id.id])
        )
        if estimates:
            reason = self.env._("Estimated for days after the device left.")
            estimates._transition(
                {"state": "rejected", "reason": reason}, "invalidate", reason
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        if self._get_lines():
            raise UserError(
                self.env._(
                    "A device that was billed stays in its contract. Enter the day on "
                    "which it left."
                )
            )

    # === Business === #

    def _get_last_day(self):
        """Return the last day in the contract, or None while it is open."""
        self.ensure_one()
        days = (self.date_end, self.device_id.removal_date, self.contract_id.date_end)
        return min((day for day in days if day), default=None)

    def _in_force(self, start, end):
        """Tell whether the device is in the contract on some day of a period."""
        self.ensure_one()
        last_day = self._get_last_day()
        return self.date_start <= end and (not last_day or last_day >= start)

    def _get_lines(self, after=None):
        """Return billed statement lines of these devices, ending after a day.

        What was billed by an estimate may still turn out to have ended before.
        """
        domain = [
            ("assignment_id", "in", self.ids),
            ("statement_id.state", "=", "confirmed"),
        ]
        if after:
            domain += [("date_to", ">", after), ("is_estimated", "=", False)]
        # sudo: what was billed binds whoever may see it
        return self.env["meter.statement.line"].sudo().search(domain)

    def _end(self, date, replacement=None):
        """End the device's time in the contract; another one may take over.

        :param date: its last day in the contract
        :param replacement: the meter.device that takes over, or None
        """
        self.ensure_one()
        self.date_end = date
        if replacement:
            self.create(
                {
                    "contract_id": self.contract_id.id,
                    "device_id": replacement.id,
                    "date_start": max(date, replacement.install_date or date),
                    "replaces_id": self.id,
                }
            )


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def action_add_devices(self):
        """Add the customer's installed devices that are in no contract yet.

        :raises UserError: there is none
        """
        self.ensure_one()
        devices = self.env["meter.device"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("partner_id", "child_of", self.commercial_partner_id.id),
                ("state", "=", "installed"),
            ]
        )
        devices = devices.filtered(self._is_free)
        if not devices:
            raise UserError(
                self.env._(
                    "Every installed device of %(customer)s is in a contract already.",
                    customer=self.partner_id.display_name,
                )
            )
        self.assignment_ids = [
            Command.create({"device_id": device.id}) for device in devices
        ]

    def _is_free(self, device):
        """Tell whether a device can join this contract and stay in it."""
        start = max(self.date_start, device._get_service_start())
        return not any(
            other.contract_id == self or not other.date_end or other.date_end >= start
            for other in device.sudo().assignment_ids
            # sudo: contracts that the user cannot see count as well
        )
