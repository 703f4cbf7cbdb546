# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What partners that are merged both have, and one partner may have only once.

Odoo moves the records of who goes by one statement for each table. Where that breaks a
rule of the database it deletes all of them, or fails. So what would clash is settled
before.
"""

from collections import defaultdict
from datetime import date

from odoo import api, models


class PartnerLink(models.Model):
    _inherit = "partner.link"

    @api.model
    def _move_to(self, kept, gone):
        """Move the links of partners that are merged to the one that is kept.

        What would link it to itself, or to another in the same way at the same time
        as a link that is there already, goes.

        :return: a text for each link that went
        """
        # sudo: a merge moves records of all kinds, seen or not, as Odoo's own does
        both = (kept | gone).ids
        links = self.sudo().search(
            ["|", ("partner_id", "in", both), ("other_partner_id", "in", both)]
        )
        known = defaultdict(list)
        surplus = links.browse()
        # Those of who is kept stay as they are.
        for link in links.sorted(
            lambda x: (bool((x.partner_id | x.other_partner_id) & gone), x.id)
        ):
            sides = [
                kept.id if partner in gone else partner.id
                for partner in (link.partner_id, link.other_partner_id)
            ]
            if link.is_symmetric:
                sides.sort()
            start, end = link.date_from or date.min, link.date_to or date.max
            periods = known[(link.kind_id, *sides)]
            if sides[0] == sides[1] or any(
                start <= until and since <= end for since, until in periods
            ):
                surplus |= link
            else:
                periods.append((start, end))
        texts = [link._tell() for link in surplus]
        surplus.unlink()
        links -= surplus
        links.filtered(lambda x: x.partner_id in gone).partner_id = kept
        links.filtered(lambda x: x.other_partner_id in gone).other_partner_id = kept
        return texts

    def _tell(self):
        """Return all that this link says, as one line."""
        self.ensure_one()
        period = (
            f"{self.date_from or ''} – {self.date_to or ''}"
            if self.date_from or self.date_to
            else ""
        )
        return ", ".join(filter(None, (self.display_name, period, self.note)))


class PartnerAlarm(models.Model):
    _inherit = "partner.alarm"

    @api.model
    def _close_twins(self, kept, gone):
        """Close alarms of partners that go where who is kept has one of the kind."""
        # sudo: as for links
        alarms = self.sudo().search(
            [("partner_id", "in", (kept | gone).ids), ("state", "=", "open")]
        )
        alarms = alarms.sorted(lambda x: (x.partner_id in gone, x.id))
        twins = alarms.browse()
        for _kind, same in alarms.grouped("kind").items():
            twins |= same[1:]
        twins._close()


class PartnerChangeRequest(models.Model):
    _inherit = "partner.change.request"

    @api.model
    def _replace_twins(self, kept, gone):
        """Have the latest wish count where several wait for the same change."""
        # sudo: as for links
        pending = self.sudo().search(
            [("partner_id", "in", (kept | gone).ids), ("state", "=", "pending")],
            order="id desc",
        )
        twins = pending.browse()
        for _field, same in pending.grouped("field_name").items():
            twins |= same[1:]
        twins._set_replaced()


class PartnerReminder(models.Model):
    _inherit = "partner.reminder"

    @api.model
    def _drop_twins(self, kept, gone):
        """Have one reminder that was not sent yet; it will tell of all open items.

        As with one that is out of date: what stays is filled anew before it is sent.
        """
        # sudo: as for links
        unsent = self.sudo().search(
            [
                ("partner_id", "in", (kept | gone).ids),
                ("state", "in", ("draft", "ready")),
            ]
        )
        unsent = unsent.sorted(
            lambda x: (x.state != "ready", x.partner_id in gone, x.id)
        )
        twins = unsent.browse()
        for _company, same in unsent.grouped("company_id").items():
            twins |= same[1:]
        twins.unlink()
