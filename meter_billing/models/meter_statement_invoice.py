# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From statements to invoices: made, posted and handed over for sending."""

from collections import defaultdict
from dataclasses import dataclass

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL


@dataclass(frozen=True)
class InvoicePart:
    """A charge line on an invoice: all of it, or what its pages at a site come to."""

    charge: models.Model
    amount: float
    quantity: float
    site: models.Model = None

    def is_invoiced(self):
        """Tell whether an invoice that stands has it."""
        moves = self.charge._get_standing_lines().move_id
        if self.site:
            moves = moves.filtered(lambda move: move.partner_shipping_id == self.site)
        return bool(moves)


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    @api.depends("state", "charge_ids.amount", "charge_ids.move_line_ids.parent_state")
    def _compute_is_to_invoice(self):
        for statement in self:
            statement.is_to_invoice = statement.state == "confirmed" and bool(
                statement._group_invoice_parts(is_missing=True)
            )

    def action_create_invoices(self):
        """Create the invoices again that were deleted or cancelled in draft.

        :raises UserError: nothing is missing, or somebody else is at it
        """
        self.check_access("write")
        if self.try_lock_for_update() != self:
            raise UserError(
                self.env._("Somebody else is invoicing this right now. Try again.")
            )
        for statement in self:
            if not statement.is_to_invoice:
                raise UserError(
                    self.env._(
                        "%(statement)s is invoiced already.", statement=statement.name
                    )
                )
        # Who read the statement before this is committed has to read it again.
        self.env.cr.execute(
            SQL(
                "UPDATE meter_statement SET write_date = write_date WHERE id IN %s",
                tuple(self.ids),
            )
        )
        self._create_invoices(is_missing=True)

    def _create_invoices(self, invoice_date=None, is_missing=False):
        """Create the invoices of these statements, one for each payer of each.

        A payer whose lines all come to 0 gets none: the statement itself is the paper
        trail. A negative sum becomes a credit note. Statements share an invoice, or are
        split by site, as their contracts say; posts and sends where they say so.

        :param date invoice_date: date of the invoices (default: the day of posting)
        :param bool is_missing: only those that are not there (any more)
        :return: account.move records
        """
        self.env["meter.statement"].check_access("create")
        by_company = defaultdict(list)
        groups = self._group_invoice_parts(is_missing)
        for (company, payer, _key), parts in groups.items():
            by_company[company].append(
                self._prepare_invoice(payer, parts, invoice_date)
            )
        # sudo: billing users bill without being accountants, as salespeople do; what
        # they may bill was checked above and comes from the statement alone.
        moves = to_send = self.env["account.move"].sudo()
        for company, values in by_company.items():
            created = self._create_moves(company, values)
            by_mode = created.grouped(
                lambda move: move.meter_statement_ids.contract_id[:1].invoice_mode
            )
            sent = by_mode.get("send", created.browse())
            if to_post := by_mode.get("post", created.browse()) | sent:
                to_post.action_post()
            moves |= created
            to_send |= sent
        if to_send:
            to_send._send_meter_invoices()
        return moves.sudo(False)

    @api.model
    def _create_moves(self, company, values):
        """Create the invoices of one company, to be posted in the context they have.

        The log of each says what it bills, noted for all of them at once. Odoo's own
        message of their creation goes out one by one, which costs as much as rating;
        companies that keep a restrictive audit trail have that one.

        :param company: res.company record
        :param values: values of its invoices
        :return: account.move records as superuser
        """
        moves = self.env["account.move"].sudo().with_company(company)
        if company.restrictive_audit_trail:
            return self._create_move_records(moves, values)
        quiet = moves.with_context(mail_create_nolog=True, mail_notrack=True)
        moves = self._create_move_records(quiet, values)
        moves._message_log_batch(
            bodies={
                move.id: self.env._("Billed by %(origin)s", origin=move.invoice_origin)
                for move in moves
            }
        )
        return moves

    def _group_invoice_parts(self, is_missing=False):
        """Return what goes onto each invoice of these statements.

        :param bool is_missing: only what no invoice that stands has
        :return: ``{(company, payer, key): list of InvoicePart}``
        """
        groups = defaultdict(list)
        for statement in self:
            for payer, charges in statement.charge_ids.grouped("partner_id").items():
                for part in statement._get_invoice_parts(charges):
                    if is_missing and part.is_invoiced():
                        continue
                    key = statement._get_invoice_key(payer, part.site)
                    groups[statement.company_id, payer, key].append(part)
        return {
            key: parts
            for key, parts in groups.items()
            if any(part.amount for part in parts)
        }

    def _get_invoice_parts(self, charges):
        """Return the :class:`InvoicePart` of each of these charge lines.

        Meant to be extended.
        """
        return [
            InvoicePart(charge, charge.amount, charge.quantity) for charge in charges
        ]

    def _get_invoice_key(self, payer, site):
        """Return what all that goes onto one invoice of a payer has in common.

        Meant to be extended.
        """
        self.ensure_one()
        return self.id, site

    def _prepare_invoice(self, payer, parts, invoice_date=None):
        """Return the values of one invoice of a payer. Meant to be extended.

        :param payer: res.partner that is invoiced
        :param parts: list of :class:`InvoicePart`, of one statement or several
        """
        by_statement = defaultdict(list)
        for part in parts:
            by_statement[part.charge.statement_id].append(part)
        statements = self.browse().union(*by_statement)
        contracts = statements.contract_id
        contract = contracts[:1]
        sign = -1 if sum(part.amount for part in parts) < 0 else 1
        lang = payer.lang or self.env.lang
        lines = []
        for statement, own_parts in by_statement.items():
            if len(statements) > 1:
                title = statement.with_context(lang=lang)._get_section_title()
                lines.append({"display_type": "line_section", "name": title})
            lines += [
                part.charge.with_context(lang=lang)._prepare_invoice_line(sign, part)
                for part in own_parts
            ]
        values = {
            "move_type": "out_refund" if sign < 0 else "out_invoice",
            "partner_id": payer.id,
            "currency_id": statements.currency_id.id,
            "company_id": statements.company_id.id,
            "invoice_user_id": contract.user_id.id,
            "invoice_origin": self._join_names(
                [f"{s.contract_id.name} {s.name}" for s in statements]
            ),
            "ref": self._join_names([c.description or c.name for c in contracts]),
            "invoice_date": invoice_date,
            "invoice_line_ids": [Command.create(line) for line in lines],
        }
        if contract.payment_term_id:
            values["invoice_payment_term_id"] = contract.payment_term_id.id
        if contract.journal_id:
            values["journal_id"] = contract.journal_id.id
        if contract.invoice_grouping == "site":
            values["partner_shipping_id"] = (parts[0].site or payer).id
        return values

    def _join_names(self, names):
        """Return names in one line: the first three, and how many more there are."""
        text = ", ".join(names[:3])
        if len(names) > 3:
            text = self.env._(
                "%(names)s and %(count)s more", names=text, count=len(names) - 3
            )
        return text

    def _get_section_title(self):
        """Return the heading of this statement on an invoice of several."""
        self.ensure_one()
        contract = self.contract_id
        title = f"{contract.name} {contract.description or ''}".strip()
        return f"{title}, {self.partner_id.name}, {self._get_period_label()}"
