# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""“This is wrong”: the customer says so, reads the answer and writes back."""

from odoo.exceptions import UserError
from odoo.http import request, route

from ..forms import clean_form, to_id
from ..models.meter_dispute import DEVICE_KINDS, KINDS
from ..models.meter_portal_photo import LARGEST_PHOTO
from .portal import MeterPortal

LONGEST = 5_000


class MeterPortalDispute(MeterPortal):
    @route("/my/disputes", type="http", auth="user", website=True)
    def meter_disputes(self, **_query):
        """List what the customer has disputed."""
        disputes = self._find_all("meter.dispute")
        return self._render_meter(
            "portal_disputes",
            "meter_disputes",
            # sudo: names of what it is about
            disputes=disputes.sudo(),
        )

    @route("/my/disputes/<int:dispute_id>", type="http", auth="user", website=True)
    def meter_dispute(self, dispute_id, **_query):
        """Show one dispute, its answer and what was written."""
        dispute = self._find_own("meter.dispute", dispute_id)
        if not dispute:
            return request.redirect("/my/disputes")
        dispute = dispute.with_context(lang=request.env.lang)
        return self._render_meter(
            "portal_dispute",
            "meter_disputes",
            dispute=dispute,
            object=dispute,
            photos=dispute._get_customer_photos().get(dispute.id, ()),
        )

    @route("/my/disputes/new", type="http", auth="user", website=True, methods=["GET"])
    def meter_dispute_new(self, **query):
        """Show the form to dispute what the query names."""
        about = self._find_about(clean_form(query))
        return self._render_dispute_form(about, {}, "")

    @route("/my/disputes/new", type="http", auth="user", website=True, methods=["POST"])
    def meter_dispute_open(self, **form):
        """Open a dispute."""
        form = clean_form(form)
        about = self._find_about(form)
        if about["move_id"] and form.get("line"):
            lines = about["move_id"]._get_disputable_lines()
            _label, chosen = lines.get(form["line"], ("", {}))
            about.update(chosen)
        values = {name: record.id for name, record in about.items() if record}
        values["kind"] = form.get("kind")
        values["description"] = (form.get("description") or "").strip()[:LONGEST]
        values["serial_number"] = (form.get("serial_number") or "").strip()[:100]
        company = next(
            (record.company_id for record in about.values() if record),
            request.env.company,
        )
        values["company_id"] = company.id
        try:
            with request.env.cr.savepoint():
                dispute = request.env["meter.dispute"]._open_for_customer(
                    values, request.env.user.partner_id, self._get_photo()
                )
        except UserError as problem:
            return self._render_dispute_form(about, form, str(problem))
        return request.redirect(f"/my/disputes/{dispute.id}?thanks=1")

    @staticmethod
    def _get_photo():
        file = request.httprequest.files.get("photo")
        return file.read(LARGEST_PHOTO + 1) if file and file.filename else b""

    def _find_about(self, query):
        """Return what a form names and the customer may see, as superuser."""
        about = {}
        for name, model in (
            ("device_id", "meter.device"),
            ("reading_id", "meter.reading"),
            ("statement_id", "meter.statement"),
            ("statement_line_id", "meter.statement.line"),
            ("move_id", "account.move"),
        ):
            number = to_id(query.get(name))
            about[name] = self._find_own(model, number) if number else None
        if line := about["statement_line_id"]:
            about["statement_id"] = line.statement_id
            about["device_id"] = line.device_id
        if reading := about["reading_id"]:
            about["device_id"] = reading.device_id
        if about["move_id"] and not about["move_id"].meter_statement_ids:
            about["move_id"] = None  # bills no pages: not looked at here
        return about

    def _render_dispute_form(self, about, form, problem):
        if about["statement_id"] or about["move_id"]:
            kinds = {"amount"}
        elif about["reading_id"]:
            kinds = {"reading"}
        elif about["device_id"]:
            kinds = DEVICE_KINDS
        else:
            kinds = {"missing"}
        field = request.env["meter.dispute"]._fields["kind"]
        labels = dict(field._description_selection(request.env))
        return self._render_meter(
            "portal_dispute_new",
            "meter_disputes",
            about=about,
            lines=about["move_id"]._get_disputable_lines() if about["move_id"] else {},
            kinds={key: labels[key] for key, _label in KINDS if key in kinds},
            form=form,
            problem=problem,
        )
