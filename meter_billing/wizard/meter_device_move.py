# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.fields import Command

from ..fields import Counter


class MeterDeviceMove(models.TransientModel):
    """Let a device go on somewhere else: for another customer, or at another address.

    One that was removed is installed again.

    Its readings of that day close it there and open it here, so that each page is
    billed once: those before it where the device was, those after it where it goes.
    """

    _name = "meter.device.move"
    _description = "Move Device"

    device_id = fields.Many2one("meter.device", required=True, readonly=True)
    company_id = fields.Many2one(related="device_id.company_id")
    device_state = fields.Selection(related="device_id.state")
    from_partner_id = fields.Many2one(related="device_id.partner_id", string="From")
    from_contract_id = fields.Many2one(
        "meter.contract", compute="_compute_from_contract_id", string="Contract so far"
    )
    date = fields.Date(
        string="Last Day There",
        required=True,
        default=lambda self: self.env.company._meter_today(),
        help="From the next day on its pages are of the new place.",
    )
    install_date = fields.Date(
        string="First Day There",
        required=True,
        default=lambda self: self.env.company._meter_today(),
        help="What it printed since it was removed is billed to nobody.",
    )
    partner_id = fields.Many2one("res.partner", string="To", required=True)
    commercial_partner_id = fields.Many2one(related="partner_id.commercial_partner_id")
    location_id = fields.Many2one(
        "res.partner",
        string="Stands at",
        compute="_compute_location_id",
        store=True,
        readonly=False,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    place = fields.Char(help="Where to find it there, e.g. 2nd floor, copy room.")
    contract_id = fields.Many2one(
        "meter.contract",
        string="Contract There",
        compute="_compute_contract_id",
        store=True,
        readonly=False,
        domain="[('company_id', '=', company_id), "
        "('commercial_partner_id', '=', commercial_partner_id), "
        "('state', 'in', ('draft', 'running'))]",
        help="Empty: it is in no contract from then on.",
    )
    line_ids = fields.One2many(
        "meter.device.move.line",
        "move_id",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
    )

    @api.depends("partner_id")
    def _compute_location_id(self):
        for move in self:
            move.location_id = move.partner_id

    @api.depends("device_id", "date")
    def _compute_from_contract_id(self):
        for move in self:
            move.from_contract_id = move._get_assignment().contract_id

    @api.depends("partner_id", "from_contract_id")
    def _compute_contract_id(self):
        """Stay in the contract where the device stays with the customer."""
        for move in self:
            customer = move.partner_id.commercial_partner_id
            stays = customer == move.device_id.commercial_partner_id
            move.contract_id = stays and move.from_contract_id

    @api.depends("device_id")
    def _compute_line_ids(self):
        for move in self:
            move.line_ids = [Command.clear()] + [
                Command.create({"meter_id": meter.id})
                for meter in move.device_id.meter_ids
            ]

    def _get_assignment(self):
        """Return the device's time in a contract on the day of the move."""
        return self.device_id.assignment_ids.filtered(
            lambda a: (
                self.date
                and a.date_start <= self.date
                and (not a.date_end or a.date_end >= self.date)
            )
        )[:1]

    def action_move(self):
        """Record the readings, change contracts and place."""
        self.ensure_one()
        device = self.device_id
        is_back = device.state == "removed"
        go_on = device._install_again if is_back else device._move
        go_on(
            self.install_date if is_back else self.date,
            {line.meter_id: line.value for line in self.line_ids},
            self.contract_id,
            {
                "partner_id": self.partner_id.id,
                "location_id": self.location_id.id or self.partner_id.id,
                "place": self.place,
            },
        )
        return {"type": "ir.actions.act_window_close"}


class MeterDeviceMoveLine(models.TransientModel):
    _name = "meter.device.move.line"
    _description = "Reading of a Meter at a Move"

    move_id = fields.Many2one("meter.device.move", required=True, ondelete="cascade")
    meter_id = fields.Many2one("meter.meter", required=True, ondelete="cascade")
    last_value = Counter(related="meter_id.last_value")
    last_reading_date = fields.Date(related="meter_id.last_reading_date")
    value = Counter(string="Reading", required=True)
