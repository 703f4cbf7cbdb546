# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The address of questions, and who answers what no rule does."""

from odoo import fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_inquiry_alias_id = fields.Many2one(
        "mail.alias", ondelete="set null", copy=False
    )
    partner_inquiry_alias_name = fields.Char(
        string="Mail Address of Questions",
        compute="_compute_partner_inquiry_alias_name",
        inverse="_inverse_partner_inquiry_alias_name",
        help="What stands before the @. Mails to it are answered by rule.",
    )
    partner_inquiry_alias_domain = fields.Char(
        related="partner_inquiry_alias_id.alias_domain", string="Domain of Questions"
    )
    partner_inquiry_user_id = fields.Many2one(
        "res.users",
        string="Answers Questions",
        domain=[("share", "=", False)],
        help="Gets an activity for each mail that no rule answers, where nobody is "
        "responsible for the partner.",
    )

    def _compute_partner_inquiry_alias_name(self):
        for company in self:
            # sudo: the address is a setting of the company
            alias = company.sudo().partner_inquiry_alias_id
            company.partner_inquiry_alias_name = alias.alias_name

    def _inverse_partner_inquiry_alias_name(self):
        aliases = self.env["mail.alias"].sudo()
        for company in self:
            # sudo: who may change the company may change its address
            alias = company.sudo().partner_inquiry_alias_id
            if alias:
                alias.alias_name = company.partner_inquiry_alias_name
            elif company.partner_inquiry_alias_name:
                company.partner_inquiry_alias_id = aliases.create(
                    {
                        "alias_name": company.partner_inquiry_alias_name,
                        "alias_domain_id": company.alias_domain_id.id,
                        "alias_model_id": self.env["ir.model"]._get_id(
                            "partner.inquiry"
                        ),
                        "alias_defaults": str({"company_id": company.id}),
                        "alias_contact": "everyone",
                    }
                )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_inquiry_alias_name = fields.Char(
        related="company_id.partner_inquiry_alias_name", readonly=False
    )
    partner_inquiry_alias_domain = fields.Char(
        related="company_id.partner_inquiry_alias_domain", string="Domain of Questions"
    )
    partner_inquiry_user_id = fields.Many2one(
        related="company_id.partner_inquiry_user_id", readonly=False
    )


class ResPartner(models.Model):
    _inherit = "res.partner"

    inquiry_count = fields.Integer(
        compute="_compute_inquiry_count",
        string="Questions",
        groups="partner_extension.group_partner_extension_reader",
    )

    def _compute_inquiry_count(self):
        counts = dict(
            self.env["partner.inquiry"]._read_group(
                [("partner_id", "in", self.ids), ("state", "!=", "ignored")],
                ["partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.inquiry_count = counts.get(partner, 0)

    def action_open_inquiries(self):
        """Open the questions of this partner."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_extension.action_partner_inquiry"
        )
        action["domain"] = [("partner_id", "=", self.id)]
        action["context"] = {}
        return action
