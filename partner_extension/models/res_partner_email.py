# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""E-mail addresses: syntax at once, the domain by scheduled action.

A name server that does not answer says nothing about an address: it stays unchecked.
"""

import dns.exception
import dns.resolver
from email_validator import EmailNotValidError, validate_email
from email_validator.deliverability import validate_email_deliverability

from odoo import api, fields, models
from odoo.tools import email_split

#: Seconds to wait for a name server.
TIMEOUT = 5
#: Domains without any answer, one after the other, that mean there is no network.
SILENCE = 3
#: Days until a domain is asked for again.
AGAIN_DAYS = 90


class ResPartner(models.Model):
    _inherit = "res.partner"

    email_check = fields.Selection(
        [
            ("none", "No E-mail"),
            ("syntax", "Not an Address"),
            ("to_check", "Domain Not Checked"),
            ("bad", "Domain Takes No Mail"),
            ("good", "Domain Takes Mail"),
        ],
        string="E-mail Check",
        compute="_compute_email_check",
        store=True,
        copy=False,
        index=True,
    )
    email_check_message = fields.Char(
        string="What Is Wrong", compute="_compute_email_check", store=True, copy=False
    )
    email_check_date = fields.Date(
        string="E-mail Checked On",
        compute="_compute_email_check",
        store=True,
        copy=False,
    )

    @api.depends("email")
    def _compute_email_check(self):
        for partner in self:
            state, message = self._check_email_syntax(partner.email)
            partner.email_check = state
            partner.email_check_message = message
            partner.email_check_date = False

    @api.model
    def _check_email_syntax(self, email):
        """Return (value of `email_check`, what is wrong or False), without any network.

        :param email: one address or several, as Odoo takes them
        """
        if not (email or "").strip():
            return "none", False
        addresses = email_split(email) or [email]
        for address in addresses:
            try:
                validate_email(address, check_deliverability=False)
            except EmailNotValidError as error:
                return "syntax", str(error)[:200]
        return "to_check", False

    @api.model
    def _cron_check_email(self):
        """Ask for the domains that are due, each once for all its partners."""
        if (
            not self.env["res.company"]
            .sudo()
            .search_count([("partner_email_online", "=", True)], limit=1)
        ):
            return
        commit_progress = self.env["ir.cron"]._commit_progress
        domains = self._find_email_domains()
        left = len(domains)
        has_time = commit_progress(remaining=left)
        resolver = self._get_resolver()
        silent = 0
        for domain in domains:
            if not has_time:
                return
            # Between two transactions: nobody waits for the name server.
            state, message = self._ask_email_domain(domain, resolver)
            silent = 0 if state else silent + 1
            if silent == SILENCE:
                commit_progress(remaining=0)  # there is no network: the next time
                return
            left -= 1
            if state:
                self._store_email_check(domain, state, message)
            has_time = commit_progress(1, remaining=left)

    @api.model
    def _find_email_domains(self):
        """Return the domains of addresses that were never or not lately checked."""
        self.env["res.partner"].flush_model()
        self.env.cr.execute(
            """
            SELECT DISTINCT split_part(email_normalized, '@', 2)
              FROM res_partner
             WHERE active AND email_normalized IS NOT NULL
               AND (email_check = 'to_check'
                    OR email_check IN ('good', 'bad') AND email_check_date <= %s)
          ORDER BY 1
            """,
            [fields.Date.subtract(fields.Date.today(), days=AGAIN_DAYS)],
        )
        return [domain for (domain,) in self.env.cr.fetchall()]

    @api.model
    def _get_resolver(self):
        """Return the resolver of names: the machine's, or the one that is set up."""
        # sudo: a parameter of the system, read for the worker alone
        server = (
            self.env["ir.config_parameter"].sudo().get_param("partner_extension.dns")
        )
        resolver = dns.resolver.Resolver(configure=not server)
        if server:
            host, _colon, port = server.partition(":")
            resolver.nameservers = [host]
            resolver.port = int(port or 53)
        resolver.lifetime = TIMEOUT
        return resolver

    @api.model
    def _ask_email_domain(self, domain, resolver):
        """Return (good or bad, what is wrong), or (None, why) without an answer."""
        try:
            known = validate_email_deliverability(domain, domain, dns_resolver=resolver)
        except EmailNotValidError as error:
            return "bad", str(error)[:200]
        except (dns.exception.DNSException, OSError) as error:
            return None, type(error).__name__
        if "unknown-deliverability" in known:
            return None, known["unknown-deliverability"]
        return "good", False

    @api.model
    def _store_email_check(self, domain, state, message):
        partners = self.search(
            [
                ("email_normalized", "=like", f"%@{domain}"),
                ("email_check", "in", ["to_check", "good", "bad"]),
            ]
        )
        partners.try_lock_for_update(allow_referencing=True).write(
            {
                "email_check": state,
                "email_check_message": message,
                "email_check_date": fields.Date.today(),
            }
        )


class ResCompany(models.Model):
    _inherit = "res.company"

    partner_email_online = fields.Boolean(
        string="Check Domains of E-mail Addresses",
        help="Whether the domain takes mail at all, asked of the name servers in the "
        "background.",
    )


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    partner_email_online = fields.Boolean(
        related="company_id.partner_email_online", readonly=False
    )
