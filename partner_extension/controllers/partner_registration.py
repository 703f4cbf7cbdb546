# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The page on which new customers and suppliers register."""

from odoo.http import Controller, request, route

from ..forms import clean_form, clean_text, to_id

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
#: A field that people do not see and robots fill in.
TRAP = "fax_number"


class PartnerRegistrationPage(Controller):
    @route(
        ["/partner/register", "/partner/register/<string:company_id>"],
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
    )
    def register(self, company_id=None, role="", **_query):
        """Show the form, where a company takes registrations."""
        company = self._find_company(company_id)
        return self._render_form(company, {"role": clean_text(role)})

    @route(
        ["/partner/register", "/partner/register/<string:company_id>"],
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def register_send(self, company_id=None, **form):
        """Take a registration; its e-mail address has to be confirmed."""
        company, form = self._find_company(company_id), clean_form(form)
        if not company:
            return self._render_form(company, {})
        # sudo: the public writes nothing but what the form takes
        Registration = request.env["partner.registration"].sudo()
        if form.get(TRAP):
            # A robot is not told that it was recognised.
            return self._render("partner_extension.partner_register_sent", company)
        stamp = Registration._read_stamp(form.get("stamp"))
        if not stamp:
            again = request.env._(
                "That was too fast, or too slow. Please send it again."
            )
            return self._render_form(company, form, {"": again})
        errors = Registration._take_form(
            company, {**form, "stamp": stamp}, request.httprequest.remote_addr
        )
        if errors.get("") == "flood":
            return self._render(
                "partner_extension.partner_register_flood", company, status=429
            )
        if errors:
            return self._render_form(company, form, errors)
        return self._render("partner_extension.partner_register_sent", company)

    @route(
        "/partner/register/confirm",
        type="http",
        auth="public",
        methods=["GET"],
        website=True,
    )
    def register_confirm(self, token=None, **_query):
        """Ask whoever follows the link to confirm: programs that look into mails
        follow links, but press no buttons."""
        Registration = request.env["partner.registration"]
        registration = Registration._find_by_confirm_token(clean_text(token))
        return self._render(
            "partner_extension.partner_register_confirm",
            registration.company_id,
            status=200 if registration else 404,
            registration=registration,
            token=token,
        )

    @route(
        "/partner/register/confirm",
        type="http",
        auth="public",
        methods=["POST"],
        website=True,
    )
    def register_confirmed(self, token=None, **_form):
        """Confirm an e-mail address: from now on the registration counts."""
        Registration = request.env["partner.registration"]
        registration = Registration._find_by_confirm_token(clean_text(token))
        registration._confirm()
        return self.register_confirm(token)

    @staticmethod
    def _find_company(company_id):
        # sudo: the public sees the name of a company that takes registrations
        Company = request.env["res.company"].sudo()
        company = request.env.company.id if company_id is None else to_id(company_id)
        company = Company.browse(company or ()).exists()
        return company.filtered("partner_registration")

    def _render_form(self, company, form, errors=None):
        if not company:
            return request.not_found()
        return self._render(
            "partner_extension.partner_register",
            company,
            form=form,
            errors=errors or {},
            trap=TRAP,
            stamp=request.env["partner.registration"]._get_stamp(),
            countries=request.env["res.country"].sudo().search([]),
        )

    @staticmethod
    def _render(template, company, status=200, **values):
        return request.render(
            template, {"company": company, **values}, headers=PRIVATE, status=status
        )
