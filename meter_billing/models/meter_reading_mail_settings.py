# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The address of readings, whose mails are taken, and who looks at the others."""

from odoo import fields, models
from odoo.tools import formataddr


class ResCompany(models.Model):
    _inherit = "res.company"

    meter_alias_id = fields.Many2one("mail.alias", ondelete="set null", copy=False)
    meter_alias_name = fields.Char(
        compute="_compute_meter_alias_name",
        inverse="_inverse_meter_alias_name",
        string="Mail Address of Readings",
        help="What stands before the @. Mails to it become readings.",
    )
    meter_alias_domain = fields.Char(
        related="meter_alias_id.alias_domain", string="Domain of Readings by Mail"
    )
    meter_mail_senders = fields.Text(
        string="Senders That Are Always Taken",
        help="Addresses, or domains like harbour.example, one a line: their mails give "
        "readings of any device. Others only of the devices of their own customer.",
    )
    meter_mail_user_id = fields.Many2one(
        "res.users",
        string="Looks at Mails",
        domain="[('share', '=', False)]",
        help="Gets an activity when mails wait that could not be taken.",
    )

    def _compute_meter_alias_name(self):
        for company in self:
            # sudo: the address is a setting of the company
            company.meter_alias_name = company.sudo().meter_alias_id.alias_name

    def _inverse_meter_alias_name(self):
        Alias = self.env["mail.alias"].sudo()
        for company in self:
            # sudo: who may change the company may change its address
            alias = company.sudo().meter_alias_id
            if alias:
                alias.alias_name = company.meter_alias_name
            elif company.meter_alias_name:
                company.meter_alias_id = Alias.create(
                    {
                        "alias_name": company.meter_alias_name,
                        "alias_domain_id": company.alias_domain_id.id,
                        "alias_model_id": self.env["ir.model"]._get_id(
                            "meter.reading.import"
                        ),
                        "alias_defaults": str({"company_id": company.id}),
                        "alias_contact": "everyone",
                    }
                )

    def _get_mail_senders(self):
        """Return the addresses and domains whose mails are always taken."""
        self.ensure_one()
        return set((self.meter_mail_senders or "").lower().replace(",", " ").split())

    def _get_mail_reply_to(self):
        """Return the address of readings with the company's name, empty without one."""
        self.ensure_one()
        # sudo: the address is no secret
        address = self.sudo().meter_alias_id.alias_full_name or ""
        return formataddr((self.name, address)) if "@" in address else ""


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    meter_alias_name = fields.Char(
        related="company_id.meter_alias_name", readonly=False
    )
    meter_alias_domain = fields.Char(
        related="company_id.meter_alias_domain", string="Domain of Readings by Mail"
    )
    meter_mail_senders = fields.Text(
        related="company_id.meter_mail_senders", readonly=False
    )
    meter_mail_user_id = fields.Many2one(
        related="company_id.meter_mail_user_id", readonly=False
    )
