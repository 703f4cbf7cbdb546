# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL


class MeterDevice(models.Model):
    """A printer or copier, wherever it stands."""

    _name = "meter.device"
    _description = "Device"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "partner_id, location_id, serial_number, id"
    _rec_names_search = ["serial_number", "asset_tag", "model_id.name"]
    _check_company_auto = True

    serial_number = fields.Char(required=True, tracking=True)
    asset_tag = fields.Char(index="btree_not_null", help="The dealer's own number.")
    model_id = fields.Many2one(
        "meter.device.model", required=True, index=True, ondelete="restrict"
    )
    manufacturer_id = fields.Many2one(
        related="model_id.manufacturer_id", store=True, index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        tracking=True,
        check_company=True,
        ondelete="restrict",
        help="Whose device readings and contracts are about. Empty in stock.",
    )
    location_id = fields.Many2one(
        "res.partner",
        string="Stands at",
        tracking=True,
        check_company=True,
        compute="_compute_location_id",
        store=True,
        readonly=False,
        precompute=True,
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id",
        string="Commercial Entity",
        store=True,
        index="btree_not_null",
    )
    place = fields.Char(help="Where to find it there, e.g. 2nd floor, copy room.")
    reading_contact_id = fields.Many2one(
        "res.partner",
        string="Contact for Readings",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        check_company=True,
    )
    install_date = fields.Date(
        tracking=True, help="First day in service. Readings before it are refused."
    )
    reinstall_date = fields.Date(
        string="Installed Again on",
        readonly=True,
        copy=False,
        tracking=True,
        help="First day in service after it was removed: the last such day.",
    )
    removal_date = fields.Date(tracking=True, help="Last day in service.")
    state = fields.Selection(
        [("stock", "In Stock"), ("installed", "Installed"), ("removed", "Removed")],
        compute="_compute_state",
        store=True,
        tracking=True,
    )
    meter_ids = fields.One2many("meter.meter", "device_id", string="Meters")
    assignment_ids = fields.One2many("meter.contract.device", "device_id")
    contract_id = fields.Many2one(
        "meter.contract", compute="_compute_contract_id", string="Current Contract"
    )
    reading_count = fields.Integer(compute="_compute_reading_count", string="Readings")
    last_reading_date = fields.Date(compute="_compute_last_reading_date")
    note = fields.Html()
    active = fields.Boolean(default=True)

    _serial_uniq = models.UniqueIndex(
        "(company_id, manufacturer_id, upper(serial_number))",
        "A device of this manufacturer with this serial number is already there.",
    )
    _serial_idx = models.Index("(upper(serial_number), company_id)")
    _removal_after_install = models.Constraint(
        "CHECK (removal_date IS NULL OR removal_date >= install_date)",
        "A device cannot be removed before it was installed.",
    )

    @api.depends("install_date", "removal_date")
    def _compute_state(self):
        for device in self:
            if device.removal_date:
                device.state = "removed"
            elif device.install_date:
                device.state = "installed"
            else:
                device.state = "stock"

    @api.depends("partner_id")
    def _compute_location_id(self):
        for device in self:
            location = device.location_id
            same_customer = (
                location.commercial_partner_id
                == device.partner_id.commercial_partner_id
            )
            if not (location and device.partner_id and same_customer):
                device.location_id = device.partner_id

    @api.onchange("model_id")
    def _onchange_model_id(self):
        """Offer the model's meters; the opening values are the user's to enter."""
        if not self._origin:
            self.meter_ids = [Command.clear()] + [
                Command.create({"type_id": meter_type.id})
                for meter_type in self.model_id.meter_type_ids
            ]

    @api.depends("serial_number", "model_id.display_name")
    def _compute_display_name(self):
        for device in self:
            parts = (device.model_id.display_name, device.serial_number)
            device.display_name = " · ".join(part for part in parts if part)

    def _compute_contract_id(self):
        today = self.env.company._meter_today()
        for device in self:
            device.contract_id = device.assignment_ids.filtered(
                lambda a: (
                    a.date_start <= today and (not a.date_end or a.date_end >= today)
                )
            )[:1].contract_id

    def _compute_reading_count(self):
        counts = dict(
            self.env["meter.reading"]._read_group(
                [("device_id", "in", self.ids)], ["device_id"], ["__count"]
            )
        )
        for device in self:
            device.reading_count = counts.get(device, 0)

    @api.depends("meter_ids.last_reading_date")
    def _compute_last_reading_date(self):
        for device in self:
            dates = [d for d in device.meter_ids.mapped("last_reading_date") if d]
            device.last_reading_date = max(dates, default=False)

    @api.constrains("serial_number")
    def _check_serial_number(self):
        for device in self:
            if not device.serial_number.strip():
                raise ValidationError(self.env._("A device needs a serial number."))

    @api.constrains("install_date", "partner_id")
    def _check_installed_somewhere(self):
        for device in self:
            if device.partner_id and not device.install_date:
                raise ValidationError(
                    self.env._(
                        "%(device)s stands at a customer: enter its installation date.",
                        device=device.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("serial_number"):
                vals["serial_number"] = vals["serial_number"].strip()
        return super().create(vals_list)

    def write(self, vals):
        if vals.get("serial_number"):
            vals = {**vals, "serial_number": vals["serial_number"].strip()}
        result = super().write(vals)
        if {"serial_number", "install_date"} & set(vals):
            self.env["meter.reading.quarantine"]._retry_serials(self)
        return result

    def copy_data(self, default=None):
        default = {"install_date": False, "removal_date": False, **(default or {})}
        vals_list = super().copy_data(default)
        for device, vals in zip(self, vals_list, strict=True):
            vals["serial_number"] = self.env._(
                "%(serial)s (copy)", serial=device.serial_number
            )
            vals["partner_id"] = False
        return vals_list

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_history(self):
        if (
            self.env["meter.reading"]
            .sudo()
            .search_count(
                # sudo: readings of every company and state are history
                [("device_id", "in", self.ids)],
                limit=1,
            )
        ):
            raise UserError(
                self.env._(
                    "A device with readings cannot be deleted. Archive it instead: its "
                    "readings and bills stay explained."
                )
            )

    def _get_service_start(self):
        """Return the first day in service where the device stands now."""
        self.ensure_one()
        return self.reinstall_date or self.install_date

    # === Finding devices === #

    @api.model
    def _find_by_serial(self, serials, company):
        """Return the devices with these serial numbers, as ``{SERIAL: devices}``.

        Serial numbers are compared without regard to case and surrounding blanks;
        more than one device a key means that two manufacturers use the same number.

        :param serials: iterable of str
        :param company: the res.company to look in
        """
        keys = {serial.strip().upper() for serial in serials if serial}
        devices = self.with_context(active_test=False).search(
            Domain("company_id", "=", company.id)
            & Domain.custom(
                to_sql=lambda model, alias, query: SQL(
                    "upper(%s) IN %s",
                    model._field_to_sql(alias, "serial_number", query),
                    tuple(keys) or ("",),
                )
            )
        )
        return devices.grouped(lambda device: device.serial_number.upper())

    # === Actions === #

    def action_view_readings(self):
        """Open this device's readings."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_reading"
        )
        action["domain"] = [("device_id", "=", self.id)]
        action["context"] = {"default_device_id": self.id}
        return action

    def action_update_meters(self):
        """Open the grid of all meters of the customer where this device is."""
        self.ensure_one()
        if not self.commercial_partner_id:
            raise UserError(
                self.env._(
                    "%(device)s is at no customer: there is nothing to read.",
                    device=self.display_name,
                )
            )
        return self.commercial_partner_id.action_update_meters()

    def action_remove(self):
        """Open the form that takes this device out of service with closing values."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Remove or Replace Device"),
            "res_model": "meter.device.removal",
            "view_mode": "form",
            "target": "new",
            "context": {"default_device_id": self.id},
        }

    def _remove(self, date, closing_values, replacement=None):
        """Take the device out of service.

        Records the closing values as readings of that day, ends its place in the
        contract, and lets the replacement take over the place the same day, or on the
        day when it was installed. One from stock is installed where this device stood.

        :param date: last day in service
        :param dict closing_values: ``{meter: value}``, each read meter of the device
        :param replacement: the meter.device that takes over, or None
        :raises UserError: a closing value is missing or refused
        """
        self.ensure_one()
        if self.state == "removed":
            raise UserError(
                self.env._(
                    "%(device)s was removed on %(date)s already.",
                    device=self.display_name,
                    date=self.removal_date.isoformat(),
                )
            )
        missing = self.meter_ids.filtered(lambda m: m not in closing_values)
        if missing:
            raise UserError(
                self.env._(
                    "Enter the closing value of %(meters)s.",
                    meters=", ".join(missing.mapped("display_name")),
                )
            )
        self.env["meter.reading"]._ingest_or_raise(
            [
                {
                    "meter_id": meter.id,
                    "date": date,
                    "closes_day": True,
                    "value": value,
                }
                for meter, value in closing_values.items()
            ],
            source="removal",
        )
        self.removal_date = date
        if replacement and replacement.state == "stock":
            replacement.write(
                {
                    "install_date": date,
                    "partner_id": self.partner_id.id,
                    "location_id": self.location_id.id,
                    "place": self.place,
                    "reading_contact_id": self.reading_contact_id.id,
                }
            )
        current = self.assignment_ids.filtered(
            lambda a: a.date_start <= date and (not a.date_end or a.date_end >= date)
        )
        for assignment in current:
            assignment._end(date, replacement)
