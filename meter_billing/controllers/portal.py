# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The customer's own pages: devices, contracts and statements.

What is shown is found with the customer's rights, and only then read as superuser: what
it is called, and sums of what customers do not see one by one.
"""

from odoo.exceptions import AccessError, MissingError
from odoo.fields import Domain
from odoo.http import content_disposition, request, route

from odoo.addons.portal.controllers.portal import CustomerPortal, pager

from ..forms import clean_text, to_id
from ..models.meter_portal_photo import LARGEST_PHOTO
from ..sheets import XLSX
from ..tools import format_exact

PAGE = 40
#: Home card and the model that it counts.
COUNTED = {
    "meter_device_count": ("meter.device", [("state", "=", "installed")]),
    # Shown to who has a device, or had one: its pages are still the customer's.
    "meter_usage_count": ("meter.device", []),
    "meter_contract_count": ("meter.contract", []),
    "meter_statement_count": ("meter.statement", []),
    "meter_dispute_count": ("meter.dispute", []),
}


def get_photos(devices):
    """Return the photos that a form has of devices: ``{device_id: bytes}``."""
    photos = {}
    for device in devices:
        file = request.httprequest.files.get(f"photo_{device.id}")
        if file and file.filename:
            photos[device.id] = file.read(LARGEST_PHOTO + 1)
    return photos


class MeterPortal(CustomerPortal):
    # === Home === #

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        for counter in COUNTED.keys() & set(counters):
            values[counter] = self._count_all(*COUNTED[counter])
        if "meter_due_count" in counters:
            values["meter_due_count"] = len(self._find_due())
        return values

    def _find_due(self):
        """Return what the customer has to read: ``{device_id: due day}``."""
        devices = self._find_all("meter.device", [("state", "=", "installed")])
        return devices._get_customer_due()

    # === What every page needs === #

    def _find_all(self, model, domain=(), **options):
        """Return what the user sees. Employees have these pages, whatever they see."""
        records = request.env[model]
        if not records.has_access("read"):
            return records
        return records.search(domain, **options)

    def _count_all(self, model, domain=()):
        """Return how many records the user sees, as `_find_all`."""
        records = request.env[model]
        return records.search_count(domain) if records.has_access("read") else 0

    def _find_own(self, model, record_id):
        """Return a record of the customer, as superuser, or None.

        That there is a record which is somebody else's is not told.
        """
        try:
            return self._document_check_access(model, to_id(str(record_id)))
        except (AccessError, MissingError):
            return None

    def _render_meter(self, template, page_name, **values):
        """Render a page with what all of them need."""
        base = self._prepare_portal_layout_values()
        return request.render(
            f"meter_billing.{template}",
            {
                **base,
                "page_name": page_name,
                "format_number": lambda value: format_exact(request.env, value),
                **values,
            },
        )

    # === Devices === #

    @route(
        ["/my/devices", "/my/devices/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def meter_devices(self, page=1, filterby=None, search=None, **_query):
        """List the customer's devices, those first that are to be read."""
        due, today = self._find_due(), request.env.company._meter_today()
        overdue = [key for key, day in due.items() if day < today]
        filters = {
            "installed": (request.env._("In service"), [("state", "=", "installed")]),
            "due": (request.env._("To be read"), [("id", "in", list(due))]),
            "overdue": (request.env._("Overdue"), [("id", "in", overdue)]),
            "removed": (request.env._("Removed"), [("state", "=", "removed")]),
        }
        filterby = filterby if filterby in filters else "installed"
        domain = Domain(filters[filterby][1])
        search = clean_text(search)
        if words := search.strip()[:100]:
            domain &= Domain.OR(
                [(name, "ilike", words)]
                for name in (
                    "serial_number",
                    "asset_tag",
                    "place",
                    "location_id.name",
                    "model_id.name",
                )
            )
        # sudo: the names of models and places; whose devices, the search has decided
        customer = [("commercial_partner_id", "=", self._get_customer().id)]
        own = self._find_all("meter.device", customer).sudo()
        found = own.filtered_domain(domain) if own else own
        found = found.sorted(
            lambda device: (
                due.get(device.id, today.max),
                device.location_id.name or "",
                device.serial_number,
            )
        )
        pages = pager(
            url="/my/devices",
            url_args={"filterby": filterby, "search": search},
            total=len(found),
            page=page,
            step=PAGE,
        )
        shown = found[pages["offset"] : pages["offset"] + PAGE]
        return self._render_meter(
            "portal_devices",
            "meter_devices",
            devices=shown,
            due=due,
            today=today,
            pager=pages,
            filters={
                key: (label, len(own.filtered_domain(Domain(rule))))
                for key, (label, rule) in filters.items()
            },
            filterby=filterby,
            search=search,
        )

    def _get_customer(self):
        return request.env.user.partner_id.commercial_partner_id

    @route(
        [
            "/my/devices/<int:device_id>",
            "/my/devices/<int:device_id>/page/<int:page>",
        ],
        type="http",
        auth="user",
        website=True,
    )
    def meter_device(self, device_id, page=1, **_query):
        """Show one device: meters, pages by month, contract, readings."""
        device = self._find_own("meter.device", device_id)
        if not device:
            return request.redirect("/my/devices")
        Reading = request.env["meter.reading"]
        domain = [("device_id", "=", device.id)]
        pages = pager(
            url=f"/my/devices/{device.id}",
            total=Reading.search_count(domain),
            page=page,
            step=PAGE,
        )
        readings = Reading.search(
            domain,
            order="date desc, read_at desc, id desc",
            limit=PAGE,
            offset=pages["offset"],
        )
        own = self._find_all("meter.contract", [("state", "=", "running")])
        contract = own.filtered(lambda c: c == device.contract_id.with_env(c.env))
        return self._render_meter(
            "portal_device",
            "meter_devices",
            device=device,
            entry=device._get_entry_devices()[0],
            months=device._get_customer_months(),
            # sudo: the names of meters that may be read elsewhere by now
            readings=readings.sudo(),
            photos=readings._get_customer_photos(),
            due=device._get_customer_due().get(device.id),
            today=device.company_id._meter_today(),
            contract=contract.sudo(),
            position=contract._get_customer_position(device) if contract else [],
            pager=pages,
        )

    # === Contracts === #

    @route("/my/meter-contracts", type="http", auth="user", website=True)
    def meter_contracts(self, **_query):
        """List the customer's contracts, with how much of each is used."""
        contracts = self._find_all("meter.contract")
        position = contracts._get_customer_position()
        return self._render_meter(
            "portal_contracts",
            "meter_contracts",
            # sudo: the days of its own contracts
            contracts=contracts.sudo(),
            position_of={
                contract.id: [
                    each for each in position if each["contract"].id == contract.id
                ]
                for contract in contracts
            },
        )

    # === Statements === #

    @route(
        ["/my/statements", "/my/statements/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def meter_statements(self, page=1, **_query):
        """List the customer's statements, the latest first."""
        pages = pager(
            url="/my/statements",
            total=self._count_all("meter.statement"),
            page=page,
            step=PAGE,
        )
        statements = self._find_all(
            "meter.statement", limit=PAGE, offset=pages["offset"]
        )
        return self._render_meter(
            "portal_statements",
            "meter_statements",
            # sudo: names of its contracts
            statements=statements.sudo(),
            pager=pages,
        )

    @route("/my/statements/<int:statement_id>", type="http", auth="user", website=True)
    def meter_statement(self, statement_id, report_type=None, **_query):
        """Show one statement, or download it as PDF (report_type) or XLSX."""
        statement = self._find_own("meter.statement", statement_id)
        if not statement:
            return request.redirect("/my/statements")
        statement = statement.with_context(lang=request.env.lang)
        if report_type == "pdf":
            return self._show_report(
                model=statement,
                report_type="pdf",
                report_ref="meter_billing.action_report_meter_statement",
                download=True,
            )
        if report_type == "xlsx":
            # sudo: the names in it are the dealer's; the statement is the customer's
            content, _type = (
                request.env["report.meter_billing.statement_xlsx"]
                .sudo()
                .with_context(active_model=statement._name)
                .create_xlsx_report(statement.ids, {})
            )
            return request.make_response(
                content,
                headers=[
                    ("Content-Type", XLSX),
                    (
                        "Content-Disposition",
                        content_disposition(f"{statement.name}.xlsx"),
                    ),
                ],
            )
        # sudo: that there are invoices; those that the customer may open are shown
        moves = statement.charge_ids.move_line_ids.move_id
        own = moves.with_user(request.env.user)._filtered_access("read")
        return self._render_meter(
            "portal_statement",
            "meter_statements",
            statement=statement,
            lines=statement.line_ids._sort_for_reader(),
            invoices=own.sudo().filtered(lambda move: move.state == "posted"),
        )
