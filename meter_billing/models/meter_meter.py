# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ..fields import LARGEST_COUNTER, Counter
from ..tools import format_counter


class MeterMeter(models.Model):
    """One counter of a device. It has readings, and an opening value to start from."""

    _name = "meter.meter"
    _description = "Meter"
    _order = "device_id, type_sequence, id"
    _rec_names_search = ["device_id.serial_number", "type_id.name"]

    device_id = fields.Many2one(
        "meter.device", required=True, index=True, ondelete="cascade"
    )
    type_id = fields.Many2one(
        "meter.type",
        required=True,
        ondelete="restrict",
        domain=[("is_derived", "=", False)],
    )
    type_sequence = fields.Integer(related="type_id.sequence", store=True)
    company_id = fields.Many2one(related="device_id.company_id", store=True, index=True)
    digits = fields.Integer(
        help="Digits of the counter, where it is known to start again at 0 after them. "
        "0: not known."
    )
    opening_value = Counter(
        required=True,
        help="What the counter showed on the installation date. Pages before it are "
        "never billed. A used device does not start at 0.",
    )
    expected_monthly_pages = fields.Integer(
        help="Pages expected in a month, to estimate from where a reading is missing "
        "and there is no history yet. 0: not known."
    )
    reading_ids = fields.One2many("meter.reading", "meter_id")
    last_reading_id = fields.Many2one("meter.reading", compute="_compute_last_reading")
    last_reading_date = fields.Date(compute="_compute_last_reading")
    last_value = Counter(compute="_compute_last_reading")

    _type_uniq = models.UniqueIndex(
        "(device_id, type_id)", "The device has a meter of this type already."
    )
    _opening_positive = models.Constraint(
        "CHECK (opening_value >= 0)", "The opening value cannot be negative."
    )
    _expected_positive = models.Constraint(
        "CHECK (expected_monthly_pages >= 0)",
        "The pages expected in a month cannot be negative.",
    )
    _digits_range = models.Constraint(
        "CHECK (digits BETWEEN 0 AND 18)", "A counter has at most 18 digits."
    )

    @api.depends("device_id.serial_number", "type_id.name")
    def _compute_display_name(self):
        for meter in self:
            meter.display_name = f"{meter.device_id.serial_number} {meter.type_id.name}"

    @api.model
    def _search_display_name(self, operator, value):
        """Find meters by their whole name as well: serial number and type."""
        domain = super()._search_display_name(operator, value)
        if operator not in ("in", "ilike", "=ilike"):
            return domain
        # What is equal is asked for as one of a set.
        names = [value] if isinstance(value, str) else value
        operator = "=" if operator == "in" else operator
        whole = []
        for name in names:
            words = name.split(" ") if isinstance(name, str) else []
            whole += [
                Domain("device_id.serial_number", operator, " ".join(words[:count]))
                & Domain("type_id.name", operator, " ".join(words[count:]))
                for count in range(1, len(words))
            ]
        return Domain.OR([domain, *whole])

    @api.depends("reading_ids.state", "opening_value", "device_id.install_date")
    def _compute_last_reading(self):
        latest = self.env["meter.reading"]._get_latest(self)
        for meter in self:
            reading = latest.get(meter.id, self.env["meter.reading"])
            meter.last_reading_id = reading
            meter.last_reading_date = reading.date or meter.device_id.install_date
            meter.last_value = reading.value if reading else meter.opening_value

    @api.constrains("type_id")
    def _check_type(self):
        for meter in self:
            if meter.type_id.is_derived:
                raise ValidationError(
                    self.env._(
                        "%(type)s is derived from other meters and never read: add the "
                        "meters that it is derived from.",
                        type=meter.type_id.name,
                    )
                )

    @api.constrains("opening_value", "digits")
    def _check_digits(self):
        for meter in self:
            if meter.digits and meter.opening_value >= 10**meter.digits:
                raise ValidationError(
                    self.env._(
                        "%(meter)s: %(value)s has more than %(digits)s digits.",
                        meter=meter.display_name,
                        value=meter.opening_value,
                        digits=meter.digits,
                    )
                )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            # The database refuses both as well, but cannot say which meter it is.
            name = self._name_new(vals)
            self._check_opening_value(vals.get("opening_value"), name)
        meters = super().create(vals_list)
        self.env["meter.reading.quarantine"]._retry_serials(meters.device_id)
        return meters

    @api.model
    def _name_new(self, vals):
        device = self.env["meter.device"].browse(vals.get("device_id"))
        meter_type = self.env["meter.type"].browse(vals.get("type_id"))
        return f"{device.serial_number or ''} {meter_type.name or ''}".strip()

    @api.model
    def _check_opening_value(self, value, name):
        """Raise unless a value can be where a counter started.

        :param value: int, or None/False where none was entered
        :param str name: the meter's name in the message
        """
        if value is None or value is False:
            raise ValidationError(
                self.env._(
                    "%(meter)s: enter the opening value. It is what the counter showed "
                    "on the installation date; a used device does not start at 0.",
                    meter=name,
                )
            )
        if int(value) < 0:
            raise ValidationError(
                self.env._(
                    "%(meter)s: the opening value %(value)s is negative. A counter "
                    "starts at 0.",
                    meter=name,
                    value=format_counter(self.env, int(value)),
                )
            )
        if int(value) > LARGEST_COUNTER:
            raise ValidationError(
                self.env._(
                    "%(meter)s: the opening value %(value)s is too large for a "
                    "counter. Check the number.",
                    meter=name,
                    value=format_counter(self.env, int(value)),
                )
            )

    def write(self, vals):
        if "opening_value" in vals:
            for meter in self:
                self._check_opening_value(vals["opening_value"], meter.display_name)
        if {"opening_value", "device_id", "type_id"} & set(vals):
            self._check_not_billed()
        return super().write(vals)

    def _check_not_billed(self):
        """Raise where one of these meters has been billed: its start is a fact then."""
        billed = (
            self.env["meter.statement.line"]
            .sudo()
            .search(
                # sudo: a bill in any company fixes the meter's start
                [
                    ("meter_id", "in", self.ids),
                    ("statement_id.state", "=", "confirmed"),
                ],
                limit=1,
            )
        )
        if billed:
            raise UserError(
                self.env._(
                    "%(meter)s has been billed (%(statement)s): its opening value, "
                    "type and device cannot be changed any more. Correct a reading "
                    "instead.",
                    meter=billed.meter_id.display_name,
                    statement=billed.statement_id.name,
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_readings(self):
        if (
            self.env["meter.reading"]
            .sudo()
            .search_count(
                # sudo: readings of every company and state are history
                [("meter_id", "in", self.ids)],
                limit=1,
            )
        ):
            raise UserError(self.env._("A meter with readings cannot be deleted."))
