# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import UserError

from ..fields import ClickPrice, Counter, Pages
from ..tools import format_exact, to_decimal

DIFFERENCE_FIELDS = ("pages", "quantity", "included", "billable", "amount")


class MeterStatement(models.Model):
    _inherit = "meter.statement"

    @api.model
    def _prepare_lines(self, period, result):
        """Return the values of the meter lines of a rated period.

        A line for each meter and each charge of its pages; a meter that is only read to
        derive another one has a line without a charge.

        :param BillingPeriod period: the period that was rated
        :param rating.Result result: what it came to
        """
        intervals = {
            (interval.assignment.id, interval.meter.type_id.code): interval
            for interval in period.intervals
        }
        type_by_code = {
            meter_type.code: meter_type for meter_type in period.charges.meter_type_ids
        }
        assignments = {assignment.id: assignment for assignment in period.assignments}
        charges = {charge._get_rating_code(): charge for charge in period.charges}
        lines, charged = [], set()
        for share in result.shares:
            key = (share.device, share.meter)
            charge = charges[share.charge]
            if key in intervals:
                charged.add(key)
                values = self._prepare_meter_line(intervals[key])
            else:
                values = self._prepare_derived_line(
                    assignments[share.device],
                    type_by_code[share.meter],
                    intervals,
                )
            lines.append(
                {
                    **values,
                    "charge_id": charge.id,
                    "pages": share.pages,
                    "quantity": float(share.quantity),
                    "included": float(share.included),
                    "billable": float(share.billable),
                    "price_unit": charge._get_single_price(),
                    "amount": float(share.amount),
                }
            )
        lines += [
            {**self._prepare_meter_line(interval), "pages": interval.pages}
            for key, interval in intervals.items()
            if key not in charged
        ]
        lines.sort(
            key=lambda vals: (
                vals["device_id"],
                vals["assignment_id"],
                not vals.get("charge_id"),
                vals["type_id"],
            )
        )
        about = {
            "period_end": period.end,
            "corrected_statement_id": (period.statement or self).id,
        }
        return [{**values, **about} for values in lines]

    @api.model
    def _get_line_differences(self, booked, rated, period):
        """Return the meter lines of a billed period that are other now.

        They show the readings as they are now, and the difference in pages and amount.

        :param booked: (meter lines, charge lines) of the period until now
        :param rated: values of its meter lines as it is rated now
        :param BillingPeriod period: the period that was rated again
        """
        lines, _charges = booked
        before = lines.grouped(
            lambda line: (line.charge_id.id, line.assignment_id.id, line.type_id.id)
        )
        after = {
            (
                values.get("charge_id") or False,
                values["assignment_id"],
                values["type_id"],
            ): values
            for values in rated
        }
        for key in before.keys() - after.keys():
            after[key] = before[key][-1]._prepare_empty_line(period)
        differences = []
        for key, values in after.items():
            known = before.get(key, lines.browse())
            values = dict(values)
            for name in DIFFERENCE_FIELDS:
                total = to_decimal(values.get(name) or 0) - sum(
                    map(to_decimal, known.mapped(name))
                )
                values[name] = float(total)
            values["pages"] = int(values["pages"])
            last = known[-1:]
            if any(values[name] for name in DIFFERENCE_FIELDS) or any(
                values[name] != last[name] for name in ("start_value", "end_value")
            ):
                differences.append(values)
        return differences

    @api.model
    def _prepare_meter_line(self, interval):
        """Return the values that show a meter's readings."""
        return {
            "assignment_id": interval.assignment.id,
            "device_id": interval.meter.device_id.id,
            "meter_id": interval.meter.id,
            "type_id": interval.meter.type_id.id,
            "date_from": interval.date_from,
            "start_value": interval.start_value,
            "date_to": interval.date_to,
            "moment_to": interval.moment_to,
            "end_value": interval.end_value,
            "end_reading_id": interval.reading_id,
            "is_estimated": interval.is_estimated,
        }

    @api.model
    def _prepare_derived_line(self, assignment, meter_type, intervals):
        """Return the values that show a derived meter, from those it derives from."""
        assignment_id = assignment.id

        def combine(read):
            def value(kind):
                if kind.is_derived:
                    return sum(value(k) for k in kind.add_type_ids) - sum(
                        value(k) for k in kind.subtract_type_ids
                    )
                interval = intervals.get((assignment_id, kind.code))
                return read(interval) if interval else 0

            return value(meter_type)

        sources = [
            interval
            for kind in meter_type._get_read_types()
            if (interval := intervals.get((assignment_id, kind.code)))
        ]
        return {
            "assignment_id": assignment_id,
            "device_id": assignment.device_id.id,
            "type_id": meter_type.id,
            "date_from": min(interval.date_from for interval in sources),
            "start_value": combine(lambda interval: interval.start_value),
            "date_to": max(interval.date_to for interval in sources),
            "end_value": combine(lambda interval: interval.end_value),
            "is_estimated": any(interval.is_estimated for interval in sources),
        }


class MeterContractCharge(models.Model):
    _inherit = "meter.contract.charge"

    def _get_single_price(self):
        """Return the price per page, or 0 where there is more than one."""
        has_one = self.pricing == "per_unit" and not self.prepaid_block
        return self.price if has_one else 0


class MeterStatementLine(models.Model):
    """One meter of one device in a statement: its readings, pages and their price."""

    _name = "meter.statement.line"
    _description = "Statement Line"
    _order = "statement_id, sequence, id"

    statement_id = fields.Many2one(
        "meter.statement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    partner_id = fields.Many2one(
        related="statement_id.partner_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="statement_id.currency_id")
    contract_id = fields.Many2one(related="statement_id.contract_id", store=True)
    state = fields.Selection(related="statement_id.state", store=True)
    period_end = fields.Date(required=True)
    corrected_statement_id = fields.Many2one(
        "meter.statement",
        string="Corrects",
        index="btree_not_null",
        help="The statement whose period this corrects. Pages and amount are the "
        "difference then.",
    )
    sequence = fields.Integer()
    assignment_id = fields.Many2one(
        "meter.contract.device", required=True, ondelete="restrict"
    )
    device_id = fields.Many2one(
        "meter.device", required=True, index=True, ondelete="restrict"
    )
    serial_number = fields.Char(related="device_id.serial_number")
    model_id = fields.Many2one(related="device_id.model_id", string="Device Model")
    meter_id = fields.Many2one(
        "meter.meter", index=True, ondelete="restrict", help="Empty: a derived meter."
    )
    type_id = fields.Many2one(
        "meter.type", string="Meter Type", required=True, ondelete="restrict"
    )
    charge_id = fields.Many2one(
        "meter.contract.charge",
        index=True,
        ondelete="restrict",
        help="Empty: only read to derive another meter.",
    )
    date_from = fields.Date(string="Start Date", required=True)
    start_value = Counter(string="Start", required=True)
    date_to = fields.Date(string="End Date", required=True)
    moment_to = fields.Datetime(help="Empty: an opening value.")
    end_value = Counter(string="End", required=True)
    end_reading_id = fields.Many2one("meter.reading", ondelete="restrict")
    is_estimated = fields.Boolean(string="Estimated")
    estimate_method = fields.Selection(related="end_reading_id.estimate_method")
    estimate_reason = fields.Char(
        related="end_reading_id.reason", string="How Estimated"
    )
    pages = Pages(help="As the counter counts them.")
    quantity = fields.Float(digits=(16, 6), help="Pages times the meter's weight.")
    included = fields.Float(digits=(16, 6))
    billable = fields.Float(digits=(16, 6))
    price_unit = ClickPrice(string="Price", help="Empty where tiers or blocks apply.")
    amount = fields.Monetary(
        help="Without tax. Where devices share included pages or tiers, the part of "
        "this meter.",
    )

    _last_billed_idx = models.Index(
        "(assignment_id, meter_id, period_end DESC, id DESC) WHERE state = 'confirmed'"
    )
    _booked_idx = models.Index("(contract_id, period_end)")

    @api.depends("device_id.serial_number", "type_id.name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = f"{line.serial_number} {line.type_id.name}"

    @api.model_create_multi
    def create(self, vals_list):
        self.env["meter.statement"]._check_booking()
        return super().create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("A statement stays as it was charged."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("A statement is never deleted."))

    def _prepare_empty_line(self, period):
        """Return the values of this line without pages: it is not of the period now.

        :param BillingPeriod period: the period that was rated again
        """
        self.ensure_one()
        return {
            **{
                name: self[name].id
                for name in (
                    "assignment_id",
                    "device_id",
                    "meter_id",
                    "type_id",
                    "charge_id",
                )
            },
            "date_from": self.date_from,
            "start_value": self.start_value,
            "date_to": self.date_from,
            "moment_to": self.moment_to,
            "end_value": self.start_value,
            "price_unit": self.price_unit,
            "period_end": period.end,
            "corrected_statement_id": period.statement.id,
        }

    def _format_number(self, field_name):
        """Return a number of this line as its language writes it, no zeros added.

        :param str field_name: a counter, pages, a quantity or the price
        """
        min_digits = 2 if field_name == "price_unit" else 0
        return format_exact(self.env, self[field_name], min_digits)

    def _sort_for_reader(self):
        """Return these lines by place and serial number, as one looks them up."""
        return self.sorted(
            lambda line: (
                line.device_id.location_id.display_name or "",
                line.device_id.serial_number,
                line.device_id.id,
                line.sequence,
            )
        )

    def _get_meters_by_estimate(self):
        """Return (how they were estimated, names of meters) in the reader's language.

        Meters whose estimate somebody entered by hand are not in it.
        """
        labels = dict(self._fields["estimate_method"]._description_selection(self.env))
        return [
            (
                labels[method],
                ", ".join(dict.fromkeys(lines.meter_id.mapped("display_name"))),
            )
            for method, lines in self.grouped("estimate_method").items()
            if method
        ]

    def _get_types_of_several_charges(self):
        """Return the meter types of these lines that more than one charge bills."""
        return self.env["meter.type"].union(
            *(
                meter_type
                for meter_type, lines in self.grouped("type_id").items()
                if len(lines.charge_id) > 1
            )
        )

    def _get_reading_text(self):
        """Return the readings in one line, as the invoice shows them."""
        self.ensure_one()
        values = {
            "serial": self.device_id.serial_number,
            "meter": self.type_id.name,
            "start": self._format_number("start_value"),
            "end": self._format_number("end_value"),
            "pages": self._format_number("pages"),
        }
        if self.corrected_statement_id:
            text = self.env._(
                "%(serial)s %(meter)s: %(start)s → %(end)s, %(pages)s more than billed",
                **values,
            )
        else:
            text = self.env._(
                "%(serial)s %(meter)s: %(start)s → %(end)s = %(pages)s", **values
            )
        if self.is_estimated:
            text += " " + self.env._("(estimated)")
        return text
