# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One mail a day at most to whoever pays the bills: what falls due, what is late."""

from odoo import api, fields, models


class PartnerBillDigest(models.Model):
    """A mail about due bills, and which of them were new in it."""

    _name = "partner.bill.digest"
    _description = "Mail about Due Bills"
    _order = "date desc, id desc"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    date = fields.Date(required=True)
    mail_id = fields.Many2one("mail.mail", readonly=True, index="btree_not_null")
    line_ids = fields.One2many("partner.bill.digest.line", "digest_id")

    _one_a_day = models.UniqueIndex(
        "(company_id, date)", "The bills of this day were told already."
    )

    @api.model
    def _tell(self, company):
        """Mail the bills that are due, if any fell due or became late since the last.

        :returns: the digest made, or an empty recordset
        """
        user = company.partner_bill_user_id
        today = fields.Date.context_today(self)
        if not user or self.search_count(
            [("company_id", "=", company.id), ("date", "=", today)]
        ):
            return self.browse()
        due = self._find_due(company, today)
        told = {
            (line.move_line_id.id, line.stage)
            for line in self.env["partner.bill.digest.line"].search(
                [("move_line_id", "in", due.ids)]
            )
        }
        stages = {line: "late" if line.date_maturity < today else "due" for line in due}
        new = [line for line in due if (line.id, stages[line]) not in told]
        if not new:
            return self.browse()
        digest = self.create(
            {
                "company_id": company.id,
                "user_id": user.id,
                "date": today,
                "line_ids": [
                    fields.Command.create(
                        {"move_line_id": line.id, "stage": stages[line]}
                    )
                    for line in new
                ],
            }
        )
        template = self.env.ref("partner_extension.mail_template_bill_digest")
        # force_send: the mail queue sends it, a server that refuses costs only the mail
        mails = template.sudo().send_mail_batch(
            digest.ids,
            force_send=False,
            email_layout_xmlid="mail.mail_notification_light",
            email_values={"auto_delete": False},
        )
        digest.mail_id = mails
        return digest

    @api.model
    def _find_due(self, company, today):
        """Return the open items of suppliers that are due within the days before."""
        until = fields.Date.add(today, days=company.partner_bill_days)
        return self.env["account.move.line"].search(
            [
                ("company_id", "=", company.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "liability_payable"),
                ("reconciled", "=", False),
                ("amount_residual", "<", 0),
                ("no_followup", "!=", True),
                ("move_id.payment_state", "not in", ("in_payment", "paid", "blocked")),
                ("date_maturity", "<=", until),
            ],
            order="date_maturity, id",
        )

    def _get_due(self):
        """Return the items that the mail lists: all that is due."""
        self.ensure_one()
        # sudo: whoever the company named is told, whatever its rights in accounting
        return self.sudo()._find_due(self.company_id, self.date)

    def _get_items_html(self):
        """Return the table of due bills, in the language of the environment."""
        self.ensure_one()
        return self.env["ir.qweb"]._render(
            "partner_extension.bill_items",
            {"lines": self._get_due(), "today": self.date},
        )


class PartnerBillDigestLine(models.Model):
    """A bill that was told of: once when it falls due and once when it is late."""

    _name = "partner.bill.digest.line"
    _description = "Bill in a Mail about Due Bills"

    digest_id = fields.Many2one(
        "partner.bill.digest", required=True, index=True, ondelete="cascade"
    )
    move_line_id = fields.Many2one(
        "account.move.line", required=True, ondelete="cascade"
    )
    stage = fields.Selection([("due", "Due"), ("late", "Late")], required=True)

    _once = models.UniqueIndex("(move_line_id, stage)", "This bill was told already.")
