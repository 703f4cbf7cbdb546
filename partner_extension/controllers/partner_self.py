# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The pages on which a partner keeps its own data and documents."""

from werkzeug.exceptions import NotFound

from odoo import fields
from odoo.http import Controller, request, route

from odoo.addons.portal.controllers.portal import CustomerPortal

from ..forms import clean_form, clean_text, to_id
from ..models.res_partner_self import LARGEST

PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
GUARDED = {"name", "vat", "bank"}


class PartnerPortal(CustomerPortal):
    """On the portal: the user's own company or person, nobody else's. The address has
    no id that could be another's."""

    @route("/my/partner", type="http", auth="user", methods=["GET"], website=True)
    def my_partner(self, **_query):
        """Show the user's own data, documents, and changes that wait."""
        return self._render_my_partner()

    @staticmethod
    def _get_own_partner():
        """Return the portal user's company or person, with all rights: the pages show
        and change nothing else. Employees keep partners by their own rights.

        :raise NotFound: for who is no portal user
        """
        if not request.env.user._is_portal():
            raise NotFound()
        return request.env.user.sudo().partner_id.commercial_partner_id

    @route("/my/partner", type="http", auth="user", methods=["POST"], website=True)
    def my_partner_save(self, **form):
        """Store what was entered; name, tax ID and account wait for approval."""
        partner, form = self._get_own_partner(), clean_form(form)
        result = partner._save_self_form(
            form, partner._get_self_fields() | GUARDED, "portal"
        )
        return self._render_my_partner(result, form if result["errors"] else None)

    @route(
        "/my/partner/document", type="http", auth="user", methods=["POST"], website=True
    )
    def my_partner_document(
        self, kind_id="", number="", valid_until="", file=None, **_form
    ):
        """Store a document; it counts once a verifier accepted it."""
        partner = self._get_own_partner()
        # Read with the user's own rights: kinds of other companies are not found.
        kind = request.env["partner.document.kind"].search(
            [("id", "=", to_id(kind_id))]
        )
        valid_until = clean_text(valid_until)
        if isinstance(file, str):
            file = None
        try:
            fields.Date.to_date(valid_until or None)
        except ValueError:
            valid_until = ""
        if not kind:
            error = request.env._("Please choose what kind of document it is.")
        else:
            error = partner._add_self_document(
                kind,
                clean_text(number),
                valid_until,
                clean_text(file.filename) if file else "",
                file.read(LARGEST + 1) if file else b"",
            )
        return self._render_my_partner({"document_error": error, "is_added": not error})

    def _render_my_partner(self, result=None, form=None):
        partner = self._get_own_partner()
        values = {
            **self._prepare_portal_layout_values(),
            "page_name": "my_partner",
            "partner": partner,
            "form": form or {},
            "result": result or {},
            "pending": partner.change_request_ids.filtered(
                lambda change: change.state == "pending"
            ),
            "documents": request.env["partner.document"].search([]),
            "kinds": request.env["partner.document.kind"].search([]),
            "missing_kinds": partner._get_missing_document_kinds(),
            "countries": request.env["res.country"].sudo().search([]),
        }
        return request.render(
            "partner_extension.portal_my_partner", values, headers=PRIVATE
        )


class PartnerDataPage(Controller):
    """Behind a link by mail, without a login: takes what is missing, shows nothing."""

    @route("/partner/data", type="http", auth="public", methods=["GET"], website=True)
    def show_missing(self, token=None, **_query):
        """Show which of a partner's data is missing."""
        return self._render_missing(clean_text(token))

    @route("/partner/data", type="http", auth="public", methods=["POST"], website=True)
    def take_missing(self, token=None, **form):
        """Store what was missing."""
        token = clean_text(token)
        partner = request.env["res.partner"]._find_by_self_token(token)
        if not partner:
            return self._render_missing(token)
        errors = self._take_documents(partner, form)
        form = clean_form(form)
        result = partner._save_self_form(form, self._get_names(partner), "link")
        result["document_errors"] = errors
        return self._render_missing(token, result, form)

    @staticmethod
    def _take_documents(partner, form):
        """Store the files that were sent, of documents that are missing.

        :return: {id of the kind: what is wrong with its file}
        """
        errors = {}
        for kind in partner._get_missing_document_kinds():
            file = form.get(f"document_{kind.id}")
            if not getattr(file, "filename", None):
                continue
            valid_until = clean_text(form.get(f"valid_until_{kind.id}"))
            try:
                fields.Date.to_date(valid_until or None)
            except ValueError:
                valid_until = ""
            error = partner._add_self_document(
                kind,
                clean_text(form.get(f"number_{kind.id}")),
                valid_until,
                clean_text(file.filename),
                file.read(LARGEST + 1),
            )
            if error:
                errors[kind.id] = error
        return errors

    @staticmethod
    def _get_names(partner):
        names = {name for name, _label in partner._find_askable()}
        return {"bank" if name == "bank_ids" else name for name in names}

    def _render_missing(self, token, result=None, form=None):
        partner = request.env["res.partner"]._find_by_self_token(token)
        if not partner:
            return request.render("partner_extension.partner_data_gone", status=404)
        partner = partner.with_context(lang=partner.lang or request.env.lang)
        pending = partner.change_request_ids.filtered(lambda c: c.state == "pending")
        names = self._get_names(partner) - set(pending.mapped("field_name"))
        if "country_id" in names:
            names.add("state_id")
        return request.render(
            "partner_extension.partner_data_page",
            {
                "partner": partner,
                "names": names,
                "missing_kinds": partner._get_missing_document_kinds(),
                "token": token,
                "form": form or {},
                "result": result or {},
                "countries": request.env["res.country"].sudo().search([]),
            },
            headers=PRIVATE,
        )
