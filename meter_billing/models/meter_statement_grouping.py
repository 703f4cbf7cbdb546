# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Contracts that share an invoice, or are invoiced by site."""

from odoo import fields, models


class MeterContract(models.Model):
    _inherit = "meter.contract"

    invoice_grouping = fields.Selection(
        [
            ("contract", "One for the contract"),
            ("site", "One for each site"),
            ("customer", "One for all contracts of the customer"),
            ("payer", "One for all that is billed to the same payer"),
        ],
        string="Invoices",
        default="contract",
        required=True,
        help="By site: what the devices of a site print is on an invoice with the site "
        "as delivery address; amounts that no device causes are on one of their own. "
        "By customer or payer: contracts billed in the same run, with the same "
        "currency, payment terms and journal, share an invoice.",
    )

    def _get_sharing_key(self):
        """Return what contracts that share an invoice have in common, or None."""
        self.ensure_one()
        if self.invoice_grouping not in ("customer", "payer"):
            return None
        key = (
            self.invoice_grouping,
            self.company_id.id,
            self.currency_id.id,
            self.payment_term_id.id,
            self.journal_id.id,
            self.invoice_mode,
        )
        if self.invoice_grouping == "customer":
            return (*key, self.commercial_partner_id.id)
        return key

    def _get_sharing_keys(self):
        """Return a key of each invoice that this contract shares with others."""
        self.ensure_one()
        key = self._get_sharing_key()
        if not key:
            return set()
        if self.invoice_grouping == "customer":
            return {key}
        payers = self.charge_ids.mapped(lambda c: c.payer_id or self.partner_invoice_id)
        return {(*key, payer.id) for payer in payers}

    def _take_batch(self, size):
        """Return the first of these contracts, to be billed together.

        Contracts that share an invoice stay together: then there are more than
        ``size``.
        """
        taken = self[:size]
        keys = set().union(*(contract._get_sharing_keys() for contract in taken))
        if not keys:
            return taken
        rest = self[size:].filtered(
            lambda contract: contract.invoice_grouping in ("customer", "payer")
        )
        keys_of = {contract: contract._get_sharing_keys() for contract in rest}
        while more := rest.filtered(lambda contract: keys & keys_of[contract]):
            taken |= more
            rest -= more
            keys.update(*(keys_of[contract] for contract in more))
        return taken

    def _split_by_sharing(self):
        """Return these contracts apart, but for those that share an invoice."""
        groups, rest = [], self
        while rest:
            groups.append(rest._take_batch(1))
            rest -= groups[-1]
        return groups


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    def _get_invoice_key(self, payer, site):
        """Contracts that share an invoice are one group for each payer."""
        return self.contract_id._get_sharing_key() or super()._get_invoice_key(
            payer, site
        )
