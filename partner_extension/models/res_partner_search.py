# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""One field that finds a partner by whatever is at hand.

What the user may not see does not find: a part is searched only where the field and the
model are open to the user, and within the records that are.
"""

import re

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Digits that a part of a phone number needs, so that “42” does not find everybody.
LEAST_DIGITS = 5
#: What makes up a phone number or an IBAN besides letters and digits.
NOT_IN_NUMBER = re.compile(r"[^0-9A-Za-z]")
#: Fields of the partner itself that are searched as they are typed.
TEXTS = ("complete_name", "email", "ref", "vat", "company_registry")


class ResPartner(models.Model):
    _inherit = "res.partner"

    search_everything = fields.Char(
        string="Anything",
        store=False,
        compute="_compute_search_everything",
        search="_search_search_everything",
        exportable=False,
        help="Name, e-mail, phone, tax ID, IBAN, reference, number of a document or "
        "invoice, whom it is linked to.",
    )

    def _compute_search_everything(self):
        """It is there to search by."""
        self.search_everything = False

    @api.model
    def _search_search_everything(self, operator, value):
        if operator not in ("ilike", "=") or not isinstance(value, str):
            return NotImplemented
        value = value.strip()
        domain = Domain.OR(
            [
                *(
                    Domain(name, operator, value)
                    for name in TEXTS
                    if self._may_search(name)
                ),
                *self._get_number_domains(operator, value),
                *self._get_related_domains(operator, value),
            ]
        )
        # Contacts of a company that is found are found with it, as in Odoo.
        return [("id", "child_of", tuple(self._search(domain)))]

    @api.model
    def _search_display_name(self, operator, value):
        """Find by a phone number or IBAN as well, where a partner is chosen."""
        domain = super()._search_display_name(operator, value)
        if operator != "ilike" or not isinstance(value, str):
            return domain
        if len(re.sub(r"\D", "", value)) < LEAST_DIGITS:
            return domain
        numbers = self._get_number_domains(operator, value.strip())
        return Domain.OR([Domain(domain), *numbers])

    @api.model
    def _may_search(self, name):
        """Return whether the user may see a field: what is hidden does not find."""
        return self._has_field_access(self._fields[name], "read")

    @api.model
    def _get_number_domains(self, operator, value):
        """Return what finds a tax ID, IBAN or phone number in any way of writing it."""
        compact = NOT_IN_NUMBER.sub("", value)
        domains = []
        if compact != value and compact and self._may_search("vat"):
            domains.append(Domain("vat", operator, compact))
        banks = self.env["res.partner.bank"]
        if compact and self._may_search("bank_ids") and banks.has_access("read"):
            number = compact.upper()
            if banks._has_field_access(banks._fields["sanitized_acc_number"], "read"):
                # Rules hold: accounts that the user does not see do not find.
                found = banks._search([("sanitized_acc_number", operator, number)])
                domains.append(Domain("bank_ids", "in", found))
        # A national number (0…) and an international one (+…, 00…) end alike.
        digits = re.sub(r"\D", "", value).lstrip("0")
        is_number = not re.search(r"[A-Za-z]", value) and len(digits) >= LEAST_DIGITS
        if is_number and self._may_search("phone"):
            domains.append(Domain("phone_sanitized", "like", digits))
            domains.append(Domain("phone_mobile_search", "ilike", digits))
        return domains

    @api.model
    def _get_related_domains(self, operator, value):
        """Return what finds a partner by what belongs to it; may be extended."""
        domains = []
        documents = self.env["partner.document"]
        if documents.has_access("read") and self._may_search("document_ids"):
            found = documents._search([("number", operator, value)])
            domains.append(Domain("document_ids", "in", found))
        links = self.env["partner.link"]
        if links.has_access("read") and self._may_search("link_ids"):
            for own, other in (
                ("link_ids", "other_partner_id"),
                ("reverse_link_ids", "partner_id"),
            ):
                found = links._search(
                    [
                        "|",
                        (f"{other}.complete_name", operator, value),
                        ("note", operator, value),
                    ]
                )
                domains.append(Domain(own, "in", found))
        moves = self.env["account.move"]
        if moves.has_access("read") and len(value) >= LEAST_DIGITS:
            # Numbers of invoices and the supplier's own references, whole ones only:
            # there are many.
            found = moves._search(
                [
                    ("move_type", "!=", "entry"),
                    "|",
                    ("name", "=", value),
                    ("ref", "=", value),
                ]
            )
            domains.append(
                Domain(
                    "id",
                    "in",
                    found.subselect(SQL.identifier("commercial_partner_id")),
                )
            )
        return domains
