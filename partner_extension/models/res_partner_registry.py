# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tax IDs asked of registries: by scheduled action, never while somebody saves.

A registry that does not answer leaves “to be checked”, and is asked again later and
later. Only its answer makes a tax ID valid or invalid.
"""

import logging

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import split_every

from ..groups import EDITOR
from ..matching import DIFFERENT, compare_addresses, compare_names
from .partner_registry import RegistryUnavailable

_logger = logging.getLogger(__name__)

#: Minutes until the second, third … question; the last one for all that follow.
DELAYS = (15, 30, 60, 120, 240, 480, 960, 1440)
#: Partners that are queued together.
BATCH = 1_000
CRON = "partner_extension.ir_cron_partner_registry"
#: What only the answers of registries, and the queue for them, set.
REGISTRY = {
    "registry_state",
    "registry_next_try",
    "registry_attempts",
    "registry_message",
    "registry_date",
}


class ResPartner(models.Model):
    _inherit = "res.partner"

    registry_state = fields.Selection(
        [
            ("none", "Not Checked"),
            ("to_check", "To Be Checked"),
            ("valid", "Valid"),
            ("invalid", "Not Valid"),
        ],
        string="Tax ID Online",
        compute="_compute_registry_state",
        store=True,
        copy=False,
        index=True,
    )
    registry_next_try = fields.Datetime(
        string="Asked Next",
        compute="_compute_registry_state",
        store=True,
        copy=False,
        index="btree_not_null",
    )
    registry_attempts = fields.Integer(
        compute="_compute_registry_state", store=True, copy=False
    )
    registry_message = fields.Char(
        string="Why Not Yet",
        compute="_compute_registry_state",
        store=True,
        copy=False,
    )
    registry_date = fields.Datetime(
        string="Tax ID Checked On",
        compute="_compute_registry_state",
        store=True,
        copy=False,
    )
    registry_answer_ids = fields.One2many("partner.registry.answer", "partner_id")

    @api.depends("vat_normalized", "commercial_partner_id")
    def _compute_registry_state(self):
        """Have a tax ID that changed asked for, unless its answer is known."""
        answers = self._get_last_answers()
        wanting = self.env["res.company"]._get_vat_online()
        now = fields.Datetime.now()
        for partner in self:
            answer = answers.get((partner._origin.id, partner.vat_normalized))
            state = "none"
            if answer:
                state = "valid" if answer.is_valid else "invalid"
            elif (
                partner.commercial_partner_id == partner
                and (partner.company_id or wanting) & wanting
                and self.env["partner.registry"]._find(partner.vat_normalized)
            ):
                state = "to_check"
            partner.registry_state = state
            partner.registry_next_try = state == "to_check" and now
            partner.registry_attempts = 0
            partner.registry_message = False
            partner.registry_date = answer.asked_on if answer else False

    def _get_last_answers(self):
        """Return {(partner id, tax ID): its youngest answer}."""
        answers = self.env["partner.registry.answer"].sudo()
        # sudo: evidence that a computed field of the partner is made of
        found = answers.search([("partner_id", "in", self._origin.ids)])
        return {(a.partner_id.id, a.tax_id): a for a in reversed(found)}

    @api.depends("vat")
    def _compute_vies_valid(self):
        """Take it from the last answer where we ask, without asking in the save."""
        if not self.env["res.company"]._get_vat_online():
            return super()._compute_vies_valid()
        answers = self.commercial_partner_id._get_last_answers()
        for partner in self:
            entity = partner.commercial_partner_id._origin.id
            answer = answers.get((entity, partner.vat_normalized))
            partner.vies_valid = bool(answer and answer.is_valid)

    def write(self, vals):
        if REGISTRY & vals.keys() and not self.env.su:
            raise AccessError(
                self.env._(
                    "Whether a tax ID is valid is what its registry answers: use the "
                    "button that checks it."
                )
            )
        return super().write(vals)

    # === Asking === #

    def action_check_registry(self):
        """Have the tax IDs of these partners asked for as soon as possible.

        :raises AccessError: for who keeps no partners
        """
        if not self.env.user.has_group(EDITOR):
            raise AccessError(
                self.env._("Only who keeps partners has their tax IDs checked.")
            )
        self.check_access("write")
        # sudo: to have it checked is not to see it
        known = self.commercial_partner_id.sudo().filtered(
            lambda p: self.env["partner.registry"]._find(p.vat_normalized)
        )
        known._queue_registry_check()
        # sudo: the scheduled action is the system's, to trigger it is all that is done
        self.env.ref(CRON).sudo()._trigger()
        count = len(known)
        message = (
            self.env._("%(count)s tax IDs are being checked.", count=count)
            if count
            else self.env._("No registry knows these tax IDs.")
        )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info" if count else "warning",
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _queue_registry_check(self):
        """Have these partners asked for the next time that the worker comes."""
        # sudo: the state of the queue is written by nobody else
        self.sudo().write(
            {
                "registry_state": "to_check",
                "registry_next_try": fields.Datetime.now(),
                "registry_attempts": 0,
                "registry_message": False,
            }
        )

    @api.model
    def _cron_check_registry(self):
        """Queue what is due by the companies' policies, and ask what is queued."""
        commit_progress = self.env["ir.cron"]._commit_progress
        for ids in split_every(BATCH, self._find_to_queue().ids):
            self.browse(ids).try_lock_for_update()._queue_registry_check()
            if not commit_progress():
                return
        due = self.search(
            [
                ("registry_state", "=", "to_check"),
                ("registry_next_try", "<=", fields.Datetime.now()),
            ],
            order="registry_next_try, id",
        )
        left = len(due)
        has_time = commit_progress(remaining=left)
        silent = set()
        for partner in due:
            if not has_time:
                return
            self._ask_registry_for(partner, silent, commit_progress)
            left -= 1
            has_time = commit_progress(1, remaining=left)

    @api.model
    def _find_to_queue(self):
        """Return the partners whose last answer is too old, or who have none."""
        found = self.browse()
        prefixes = {
            prefix
            for name in self.env["partner.registry"]._get_registries()
            for prefix in self.env[name]._get_prefixes()
        }
        known = Domain.OR(
            Domain("vat_normalized", "=like", f"{prefix}%") for prefix in prefixes
        )
        for company in self.env["res.company"]._get_vat_online():
            due = Domain("registry_state", "=", "none")
            if company.partner_vat_recheck_days:
                due |= Domain("registry_state", "in", ["valid", "invalid"]) & Domain(
                    "registry_date",
                    "<=",
                    fields.Datetime.subtract(
                        fields.Datetime.now(), days=company.partner_vat_recheck_days
                    ),
                )
            found |= self.search(
                known & due & Domain("company_id", "in", [False, company.id])
            )
        return found.filtered(lambda p: p.commercial_partner_id == p)

    @api.model
    def _ask_registry_for(self, partner, silent, commit_progress):
        """Ask for one partner; no transaction is open meanwhile, nobody waits for it.

        :param set silent: registries, and their countries, that did not answer before
        :param commit_progress: what ends a transaction
        """
        vat = partner.vat_normalized
        name = self.env["partner.registry"]._find(vat)
        if not name:
            partner.registry_state = "none"
            return
        registry = self.env[name]
        places = {registry._name, (registry._name, vat[:2])}
        if silent & places:
            return
        company = partner._get_asking_company()
        requester = company.partner_id.vat_normalized
        settings = registry._prepare_ask()
        commit_progress()
        answer, reason = None, None
        try:
            answer = registry._ask(settings, vat, requester)
        except RegistryUnavailable as error:
            silent.add(
                registry._name if error.everywhere else (registry._name, vat[:2])
            )
            reason = error.reason
        except Exception as error:  # noqa: BLE001 - one partner's failure is its own
            _logger.exception("Registry %s failed", registry._name)
            reason = type(error).__name__
        # A new transaction, to see what was changed meanwhile.
        commit_progress()
        partner.invalidate_recordset()
        partner = partner.exists().try_lock_for_update(allow_referencing=True)
        if not partner or partner.vat_normalized != vat:
            return  # changed meanwhile: it is in the queue again
        if answer:
            partner._store_registry_answer(registry, company, answer)
        else:
            partner._postpone_registry_check(reason)

    def _get_asking_company(self):
        """Return the company on whose behalf this partner is asked for."""
        self.ensure_one()
        return (
            self.company_id
            or (self.env["res.company"]._get_vat_online() or self.env.company)[:1]
        )

    def _postpone_registry_check(self, reason):
        """Ask again later, the longer the more often there was no answer.

        :param str reason: why there was none
        """
        self.ensure_one()
        minutes = DELAYS[min(self.registry_attempts, len(DELAYS) - 1)]
        self.write(
            {
                "registry_attempts": self.registry_attempts + 1,
                "registry_next_try": fields.Datetime.add(
                    fields.Datetime.now(), minutes=minutes
                ),
                "registry_message": reason,
            }
        )

    def _store_registry_answer(self, registry, company, values):
        """Keep an answer as evidence, and say where it differs from what we have.

        :param dict values: as `partner.registry._ask` returns them
        """
        self.ensure_one()
        now = fields.Datetime.now()
        answer = self.env["partner.registry.answer"].create(
            {
                **values,
                "partner_id": self.id,
                "company_id": company.id,
                "registry": registry._description,
                "tax_id": self.vat_normalized,
                "asked_on": now,
                "our_name": self.name,
                "our_address": self._display_address(without_company=True).strip(),
                "name_match": compare_names(self.name, values["name"]),
                "address_match": compare_addresses(
                    " ".join(filter(None, [self.street, self.street2])),
                    self.zip,
                    self.city,
                    values["address"],
                ),
            }
        )
        self.write(
            {
                "registry_state": "valid" if answer.is_valid else "invalid",
                "registry_next_try": False,
                "registry_attempts": 0,
                "registry_message": False,
                "registry_date": now,
            }
        )
        family = self.search(
            [
                ("commercial_partner_id", "=", self.id),
                ("vies_valid", "!=", answer.is_valid),
            ]
        )
        family.filtered(lambda p: p.vat_normalized == self.vat_normalized).write(
            {"vies_valid": answer.is_valid}
        )
        problem = self._find_registry_conflict(answer)
        if problem and not self._is_decided(answer):
            self._set_conflict(problem)

    def _is_decided(self, answer):
        """Return whether a verifier knew the same answer about the same data."""
        self.ensure_one()
        if not self.verified_date:
            return False
        facts = ("is_valid", "name", "address", "our_name", "our_address")

        def told(one):
            return [one[name] or "" for name in facts]

        # Read with the rights of the worker, as it stored them.
        earlier = answer.search(
            [
                ("partner_id", "=", self.id),
                ("tax_id", "=", answer.tax_id),
                ("registry", "=", answer.registry),
                ("asked_on", "<=", self.verified_date),
                ("id", "!=", answer.id),
            ]
        )
        return told(answer) in map(told, earlier)

    def _find_registry_conflict(self, answer):
        """Return what of an answer does not fit what we have, or None."""
        if not answer.is_valid:
            return self.env._(
                "%(registry)s: the tax ID is not valid", registry=answer.registry
            )
        if answer.name_match == DIFFERENT:
            return self.env._(
                "%(registry)s: the tax ID is of %(name)s",
                registry=answer.registry,
                name=answer.name,
            )
        if answer.address_match == DIFFERENT:
            return self.env._(
                "%(registry)s has another address: %(address)s",
                registry=answer.registry,
                address=", ".join(answer.address.split("\n")),
            )
        return None


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_vat_online = fields.Boolean(
        string="Check Tax IDs Online",
        help="New and changed tax IDs are asked of the registry of their country (VIES "
        "for the European Union) in the background, with the answer as evidence. "
        "Odoo's own check while saving is not made then.",
    )
    partner_vat_recheck_days = fields.Integer(
        string="Check Again After (Days)", default=180, help="0: never."
    )

    _partner_vat_recheck_positive = models.Constraint(
        "CHECK (partner_vat_recheck_days >= 0)",
        "Days until tax IDs are checked again cannot be negative.",
    )

    @api.model
    def _get_vat_online(self):
        """Return the companies that have tax IDs checked online."""
        return self.sudo().search([("partner_vat_online", "=", True)])


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_vat_online = fields.Boolean(
        related="company_id.partner_vat_online", readonly=False
    )
    partner_vat_recheck_days = fields.Integer(
        related="company_id.partner_vat_recheck_days", readonly=False
    )
