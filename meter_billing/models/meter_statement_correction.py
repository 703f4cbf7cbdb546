# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Statements and credit notes: those that correct, and those that take all back."""

from markupsafe import Markup

from odoo import models


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    # === Credit notes of corrections === #

    def _prepare_invoice(self, payer, parts, invoice_date=None):
        """Link a credit note to the invoice that it corrects, where it is one.

        Accounting then shows each on the other and settles them with each other.
        """
        values = super()._prepare_invoice(payer, parts, invoice_date)
        if values["move_type"] == "out_refund":
            charges = self.env["meter.statement.charge"].union(
                *(part.charge for part in parts)
            )
            corrected = charges._get_corrected_invoices(payer)
            if len(corrected) == 1:
                values["reversed_entry_id"] = corrected.id
        return values

    # === Reversed in accounting === #

    def _follow_reversal(self, credit_notes):
        """Open the periods again whose invoices were taken back in full.

        A statement that another one has followed stays: what came after it was rated
        on top of it. The contract's responsible is told what to do.

        :param credit_notes: the posted account.move records that took them back
        """
        void = self.filtered(
            lambda s: s.state == "confirmed" and not s._get_standing_invoices()
        )
        names = Markup(", ").join(note._get_html_link() for note in credit_notes)
        for contract in void.contract_id:
            last = contract._get_last_statement()
            # The ones before it may have been reversed earlier.
            while last.charge_ids.move_line_ids and not last._get_standing_invoices():
                last.action_cancel()
                last.message_post(
                    body=self.env._(
                        "Cancelled, because its invoices were reversed by "
                        "%(credit_notes)s. The period is to be billed again.",
                        credit_notes=names,
                    )
                )
                last = contract._get_last_statement()
        for statement in void.filtered(lambda s: s.state == "confirmed"):
            statement._ask_to_cancel_later_ones(names)

    def _ask_to_cancel_later_ones(self, names):
        """Tell the responsible why a reversed statement could not be cancelled."""
        contract = self.contract_id
        contract.activity_schedule(
            "mail.mail_activity_data_warning",
            summary=self.env._(
                "%(statement)s was reversed but stays", statement=self.name
            ),
            note=self.env._(
                "%(credit_notes)s took back all of %(statement)s. Its period can only "
                "be billed again once the later statements of this contract are "
                "reversed as well, the latest first: %(later)s. Or enter what was "
                "wrong as corrected readings: the difference is billed by itself.",
                credit_notes=names,
                statement=self._get_html_link(),
                later=Markup(", ").join(
                    later._get_html_link() for later in self._get_later()
                ),
            ),
            user_id=contract.company_id._find_meter_user(contract.user_id).id,
        )

    def _get_later(self):
        """Return the statements of the contract that were confirmed after this one."""
        self.ensure_one()
        return self.search(
            [
                ("contract_id", "=", self.contract_id.id),
                ("state", "=", "confirmed"),
                ("id", ">", self.id),
            ]
        )


class MeterStatementCharge(models.Model):
    _inherit = "meter.statement.charge"

    def _get_corrected_invoices(self, payer):
        """Return the posted invoices of a payer for the periods that these correct.

        None where one of these charge lines is for a period of its own.

        :param payer: the res.partner that is credited
        """
        none = self.env["account.move"]
        if not all(self.mapped("corrected_statement_id")):
            return none
        periods = {(charge.contract_id, charge.period_end) for charge in self}
        booked = self.search(
            [
                ("contract_id", "in", self.contract_id.ids),
                ("period_end", "in", self.mapped("period_end")),
                ("statement_id.state", "=", "confirmed"),
                ("id", "not in", self.ids),
            ]
        ).filtered(lambda charge: (charge.contract_id, charge.period_end) in periods)
        # sudo: billing users link documents that they have no access to themselves
        moves = booked.sudo().move_line_ids.move_id.filtered(
            lambda move: (
                move.state == "posted"
                and move.move_type == "out_invoice"
                and move.commercial_partner_id == payer.commercial_partner_id
            )
        )
        return moves.sudo(False)
