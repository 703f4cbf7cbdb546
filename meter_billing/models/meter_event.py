# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..fields import LARGEST_COUNTER, Counter
from ..tools import format_counter, local_date


class MeterEvent(models.Model):
    """What a counter did other than count up: a fact, like a reading.

    The pages up to the closing value and from the opening value on are billed, what
    lies between the two is not: it was never printed.
    """

    _name = "meter.event"
    _description = "Meter Event"
    _order = "happened_at desc, id desc"

    meter_id = fields.Many2one(
        "meter.meter", required=True, index=True, ondelete="restrict"
    )
    device_id = fields.Many2one(related="meter_id.device_id", store=True, index=True)
    company_id = fields.Many2one(related="meter_id.company_id", store=True)
    kind = fields.Selection(
        [
            ("wrap", "Wrapped: started again at 0 after its last digit"),
            ("reset", "Reset: the counter was replaced or set"),
            ("regress", "Went back a few pages, e.g. after a power cut"),
            ("install", "Installed again: pages in between are billed to nobody"),
        ],
        required=True,
    )
    happened_at = fields.Datetime(required=True, default=fields.Datetime.now)
    date = fields.Date(readonly=True)
    closing_value = Counter(
        required=True, help="What the counter had come to before it happened."
    )
    opening_value = Counter(
        required=True, help="What the counter showed after it happened."
    )
    reason = fields.Char(required=True)

    _values_positive = models.Constraint(
        "CHECK (closing_value >= 0 AND opening_value >= 0)",
        "A counter value cannot be negative.",
    )
    _goes_back = models.Constraint(
        "CHECK (kind IN ('reset', 'install') OR opening_value < closing_value)",
        "After a wrap or a step back the counter shows less than before.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            meter = self.env["meter.meter"].browse(vals["meter_id"])
            moment = fields.Datetime.to_datetime(
                vals.get("happened_at") or fields.Datetime.now()
            )
            timezone = meter.company_id._get_meter_timezone()
            vals["date"] = local_date(moment, timezone)
            self._check_possible(meter, moment, vals)
        events = super().create(vals_list)
        self.env["meter.contract"]._mark_for_correction(
            [(event.meter_id.device_id.id, event.date) for event in events]
        )
        return events

    @api.model
    def _check_possible(self, meter, moment, vals):
        """Raise where a counter cannot have done this.

        :param meter: meter.meter record
        :param datetime moment: when it happened
        :param dict vals: values of the event, with its date
        :raises UserError: naming the meter and the value
        """
        problem = self._find_no_moment(meter, moment, vals["date"])
        problem = problem or self._find_impossible_value(meter, moment, vals)
        if problem:
            raise UserError(
                self.env._(
                    "%(meter)s: %(problem)s", meter=meter.display_name, problem=problem
                )
            )

    @api.model
    def _find_no_moment(self, meter, moment, day):
        """Return why nothing can have happened to the meter then, or None."""
        _ = self.env._
        installed = meter.device_id.install_date
        if day > meter.company_id._meter_today():
            return _("%(date)s is in the future.", date=day.isoformat())
        if not installed or day < installed:
            return _(
                "%(date)s is before the device was installed.", date=day.isoformat()
            )
        if self.env["meter.reading"].search_count(
            [
                ("meter_id", "=", meter.id),
                ("read_at", "=", moment),
                ("state", "=", "valid"),
            ],
            limit=1,
        ):
            return _(
                "there is a reading of that very moment. Enter a moment before or "
                "after it."
            )
        return None

    @api.model
    def _find_impossible_value(self, meter, moment, vals):
        """Return which value the counter cannot have shown and why, or None."""
        _ = self.env._
        values = vals.get("closing_value"), vals.get("opening_value")
        if any(value is None or value is False for value in values):
            return _("enter what it had come to and what it went on from.")
        closing, opening = map(int, values)
        size = 10**meter.digits if meter.digits else LARGEST_COUNTER + 1
        before, after = meter._get_values_around(moment)
        is_wrap = vals["kind"] == "wrap"
        if opening >= size or closing > size or (closing == size and not is_wrap):
            return _(
                "%(value)s is too large for this counter of %(digits)s digits.",
                value=format_counter(self.env, max(closing, opening)),
                digits=meter.digits or 12,
            )
        if is_wrap and meter.digits and closing != size:
            return _(
                "a counter of %(digits)s digits starts again at 0 after coming to "
                "%(size)s, not %(value)s.",
                digits=meter.digits,
                size=format_counter(self.env, size),
                value=format_counter(self.env, closing),
            )
        if before is not None and closing < before:
            return _(
                "it read %(before)s before, so it had come to that at least, not "
                "%(value)s.",
                before=format_counter(self.env, before),
                value=format_counter(self.env, closing),
            )
        if after is not None and opening > after:
            return _(
                "it read %(after)s afterwards, so it cannot have gone on from "
                "%(value)s.",
                after=format_counter(self.env, after),
                value=format_counter(self.env, opening),
            )
        return None

    @api.model
    def _create_wraps(self, readings):
        """Record that counters of known digits went through 0 before these readings.

        Only where a reading is below the actual one before it; below an estimate, the
        estimate was too high.

        :param readings: meter.reading records on hold
        """
        vals_list = []
        for reading in readings.filtered(
            lambda r: r.meter_id.digits and r.kind == "actual"
        ):
            before = reading._get_value_before()
            if reading.value < before:
                vals_list.append(
                    {
                        "meter_id": reading.meter_id.id,
                        "kind": "wrap",
                        "happened_at": reading.read_at - timedelta(seconds=1),
                        "closing_value": 10**reading.meter_id.digits,
                        "opening_value": 0,
                        "reason": self.env._(
                            "%(value)s after %(before)s on a counter of %(digits)s "
                            "digits",
                            value=format_counter(self.env, reading.value),
                            before=format_counter(self.env, before),
                            digits=reading.meter_id.digits,
                        ),
                    }
                )
        return self.create(vals_list)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(
            self.env._("An event is a fact. Correct the readings around it instead.")
        )

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        raise UserError(self.env._("An event is never deleted."))
