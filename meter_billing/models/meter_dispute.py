# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""“This is wrong”: what a customer disputes, tracked until corrected or explained."""

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

KINDS = [
    ("reading", "A reading is wrong"),
    ("amount", "An amount is wrong"),
    ("gone", "The device is not here any more"),
    ("moved", "The device stands elsewhere"),
    ("unknown", "We do not know this device"),
    ("missing", "A device is missing in the list"),
]
DEVICE_KINDS = {"gone", "moved", "unknown"}


class MeterDispute(models.Model):
    """What a customer says is wrong. It ends in a correction or an explanation."""

    _name = "meter.dispute"
    _description = "Dispute"
    _inherit = ["meter.portal.thread", "portal.mixin", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True
    # The customer answers below it.
    _mail_post_access = "read"
    _portal_messages = True
    _portal_fields = frozenset(
        {
            "name",
            "company_id",
            "partner_id",
            "contact_id",
            "kind",
            "device_id",
            "reading_id",
            "statement_id",
            "statement_line_id",
            "move_id",
            "move_line_id",
            "serial_number",
            "description",
            "state",
            "access_url",
            "create_date",
            "closed_date",
            # Asked for by the messages on its page.
            "message_ids",
            "website_message_ids",
        }
    )

    name = fields.Char(string="Number", required=True, default="/", readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        help="The commercial entity.",
    )
    contact_id = fields.Many2one(
        "res.partner", string="Told by", required=True, ondelete="restrict"
    )
    kind = fields.Selection(KINDS, string="What Is Wrong", required=True)
    device_id = fields.Many2one(
        "meter.device", index="btree_not_null", check_company=True, ondelete="restrict"
    )
    reading_id = fields.Many2one(
        "meter.reading", index="btree_not_null", ondelete="restrict"
    )
    statement_id = fields.Many2one(
        "meter.statement",
        index="btree_not_null",
        check_company=True,
        ondelete="restrict",
    )
    statement_line_id = fields.Many2one(
        "meter.statement.line", string="Line", ondelete="restrict"
    )
    serial_number = fields.Char(help="Of a device that is missing in the list.")
    description = fields.Text(required=True, string="In the Customer's Words")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("corrected", "Corrected"),
            ("explained", "Explained"),
        ],
        default="open",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    answer = fields.Text(
        help="What the customer reads: what was corrected, or why it is right."
    )
    user_id = fields.Many2one(
        "res.users", string="Responsible", tracking=True, domain=[("share", "=", False)]
    )
    closed_date = fields.Date(string="Answered on", readonly=True)

    _closed_with_answer = models.Constraint(
        "CHECK (state = 'open' OR answer IS NOT NULL)",
        "A dispute is closed with an answer for the customer.",
    )

    @api.depends("name", "kind")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for dispute in self:
            dispute.display_name = f"{dispute.name} {labels.get(dispute.kind, '')}"

    def _compute_access_url(self):
        for dispute in self:
            dispute.access_url = f"/my/disputes/{dispute.id}"

    @api.constrains(
        "kind", "device_id", "reading_id", "statement_id", "move_id", "serial_number"
    )
    def _check_about(self):
        for dispute in self:
            about = {
                "reading": dispute.reading_id,
                "amount": dispute.statement_id or dispute.move_id,
                "missing": dispute.serial_number,
            }.get(dispute.kind, dispute.device_id)
            if not about:
                raise ValidationError(self.env._("Say what it is about."))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("name", "/") == "/":
                vals["name"] = (
                    self.env["ir.sequence"]
                    .with_company(vals.get("company_id"))
                    .next_by_code("meter.dispute")
                    or "/"
                )
        disputes = super().create(vals_list)
        for dispute in disputes:
            dispute.message_subscribe(dispute.contact_id.ids)
            dispute._tell_responsible()
        return disputes

    def _tell_responsible(self):
        """Put the dispute before whoever is responsible for the customer."""
        self.ensure_one()
        device = self.device_id or self.statement_line_id.device_id
        statement = self.statement_id or self.move_id.meter_statement_ids[:1]
        contract = statement.contract_id or device.contract_id
        user = self.company_id._find_meter_user(
            self.user_id, contract.user_id, self.partner_id.user_id
        )
        self.user_id = user
        if user:
            # In the language of who reads it, whoever has told us.
            env = self.with_context(lang=user.lang).env
            self.with_env(env).activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=user.id,
                summary=env._("Answer the customer"),
                note=self.description,
            )

    # === From the portal === #

    @api.model
    def _open_for_customer(self, values, contact, photo=b""):
        """Open a dispute for a customer and return it.

        :param dict values: ``kind``, ``description`` and what it is about, records that
            the caller has found with the customer's own rights
        :param contact: the res.partner who says so
        :param bytes photo: that shows it
        :raises UserError: it says nothing, not what it is about, or the photo is none
        """
        if not (values.get("description") or "").strip():
            raise UserError(self.env._("Say in a few words what is wrong."))
        if values.get("kind") not in dict(KINDS):
            raise UserError(self.env._("Choose what is wrong."))
        if photo and (problem := self._find_photo_problem([photo])):
            raise UserError(problem)
        # sudo: the customer may open it, but not choose whom it is given to
        dispute = self.sudo().create(
            {
                **values,
                "partner_id": contact.commercial_partner_id.id,
                "contact_id": contact.id,
            }
        )
        if photo:
            dispute._attach_photos({dispute.id: (dispute.name, photo)})
        return dispute

    # === Deciding === #

    @api.model
    def _open_list(self, domain):
        """Return the action that opens disputes: the form of a single one."""
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_dispute"
        )
        action.update(domain=domain, context={"create": False})
        found = self.search(domain, limit=2)
        if len(found) == 1:
            action.update(views=[(False, "form")], res_id=found.id)
        return action

    def action_corrected(self):
        """Close with a correction: the customer reads the answer."""
        self._close("corrected")

    def action_explained(self):
        """Close with an explanation: the customer reads the answer."""
        self._close("explained")

    def _check_answer(self):
        for dispute in self:
            if not (dispute.answer or "").strip():
                raise UserError(
                    self.env._(
                        "%(dispute)s: write the answer that the customer reads first.",
                        dispute=dispute.name,
                    )
                )

    def _close(self, state):
        self.check_access("write")
        self._check_answer()
        for dispute in self:
            dispute.write(
                {"state": state, "closed_date": dispute.company_id._meter_today()}
            )
            dispute.activity_ids.action_feedback(feedback=dispute.answer)
            dispute.message_post(
                body=dispute.answer,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )

    def action_reopen(self):
        """Look at it again."""
        self.check_access("write")
        self._reopen()

    def _reopen(self):
        # Another time it is put right by something else.
        self.write({"state": "open", "closed_date": False, "correction_ref": False})
        for dispute in self:
            dispute._tell_responsible()

    def _message_post_after_hook(self, message, msg_values):
        """Look again at what a customer writes to after it was closed."""
        result = super()._message_post_after_hook(message, msg_values)
        writer = message.author_id.commercial_partner_id
        if (
            self.state != "open"
            and message.message_type in ("comment", "email")
            and writer == self.partner_id
        ):
            # sudo: the customer may write here, not change the dispute
            self.sudo()._reopen()
        return result

    def action_correct_reading(self):
        """Open the form that corrects the reading in question."""
        self.ensure_one()
        self.check_access("write")
        reading = self.reading_id or self.statement_line_id.end_reading_id
        if not reading:
            raise UserError(self.env._("There is no reading to correct here."))
        return reading.action_correct()
