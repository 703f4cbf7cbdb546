# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import fields, models

from .res_partner_sensitive import SENSITIVE

MATCH = [
    ("same", "The same"),
    ("similar", "Similar"),
    ("different", "Different"),
    ("unknown", "Cannot be compared"),
]


class PartnerRegistryAnswer(models.Model):
    """What a registry answered, kept as evidence. Nobody writes or deletes it."""

    _name = "partner.registry.answer"
    _description = "Answer of a Registry"
    _order = "asked_on desc, id desc"
    _rec_name = "registry"

    partner_id = fields.Many2one(
        "res.partner", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", readonly=True, help="On whose behalf it was asked."
    )
    registry = fields.Char(required=True, readonly=True)
    tax_id = fields.Char(
        string="Tax ID", required=True, readonly=True, groups=SENSITIVE
    )
    asked_on = fields.Datetime(required=True, readonly=True)
    is_valid = fields.Boolean(string="Valid", readonly=True)
    requester_vat = fields.Char(string="Asked As", readonly=True)
    consultation = fields.Char(
        string="Consultation Number",
        readonly=True,
        help="Proves that it was asked. Given to companies of the European Union only.",
    )
    name = fields.Char(string="Registered Name", readonly=True)
    address = fields.Text(string="Registered Address", readonly=True)
    our_name = fields.Char(readonly=True)
    our_address = fields.Text(readonly=True)
    name_match = fields.Selection(MATCH, readonly=True)
    address_match = fields.Selection(MATCH, readonly=True)
    raw = fields.Text(string="As Received", readonly=True, groups=SENSITIVE)
