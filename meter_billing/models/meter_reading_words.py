# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the checks of readings say to a user."""

from odoo import api, models

from ..tools import format_counter


class MeterReading(models.Model):
    _inherit = "meter.reading"

    @api.model
    def _explain_findings(self, row):
        """Return what the checks found of a row, in the user's language.

        :param checking.Row row: with its verdict
        """
        meter = self.env["meter.meter"].browse(row.meter.id if row.meter else [])
        return " ".join(
            self._explain_finding(meter.display_name, row, finding)
            for finding in row.verdict.findings
        )

    @api.model
    def _explain_finding(self, name, row, finding):
        facts = finding.facts
        words = {
            "meter": name,
            "value": "" if row.value is None else format_counter(self.env, row.value),
            "date": row.day.isoformat() if row.day else "",
            **{
                key: format_counter(self.env, value)
                if isinstance(value, int)
                else value
                for key, value in facts.items()
            },
        }
        return getattr(self, f"_say_{finding.code}")(words)

    # === Cannot be readings === #

    @api.model
    def _say_no_meter(self, words):
        return self.env._("The reading names no meter.")

    @api.model
    def _say_no_number(self, words):
        return self.env._(
            "%(meter)s: “%(value)s” is not a whole number. Enter the counter as the "
            "device shows it.",
            meter=words["meter"],
            value=words["given"] or "",
        )

    @api.model
    def _say_negative(self, words):
        return self.env._(
            "%(meter)s: %(value)s is negative. A counter starts at 0.", **words
        )

    @api.model
    def _say_too_large(self, words):
        return self.env._(
            "%(meter)s: %(value)s is too large for this counter of %(digits)s digits. "
            "Check the number.",
            **words,
        )

    @api.model
    def _say_no_date(self, words):
        return self.env._("%(meter)s: the reading has no date.", **words)

    @api.model
    def _say_future(self, words):
        return self.env._(
            "%(meter)s: %(date)s is in the future. Enter the day it was read.", **words
        )

    @api.model
    def _say_before_install(self, words):
        installed = words["installed"]
        return self.env._(
            "%(meter)s: %(date)s is before the device was installed (%(installed)s). "
            "Check the date, or the installation date of the device.",
            meter=words["meter"],
            date=words["date"],
            installed=installed.isoformat() if installed else self.env._("not yet"),
        )

    @api.model
    def _say_after_removal(self, words):
        return self.env._(
            "%(meter)s: %(date)s is after the device was removed (%(removed)s). Check "
            "the date and the serial number.",
            **words,
        )

    @api.model
    def _say_duplicate(self, words):
        return self.env._("%(meter)s: this reading is there already.", **words)

    @api.model
    def _say_other_value(self, words):
        return self.env._(
            "%(meter)s: there is a reading of %(there)s for %(date)s already. Correct "
            "that one instead.",
            **words,
        )

    # === Remarkable === #

    @api.model
    def _say_lower(self, words):
        return self.env._(
            "%(meter)s: %(value)s is lower than the reading before it (%(before)s). "
            "Check the number, or say what happened.",
            **words,
        )

    @api.model
    def _say_wrap(self, words):
        return self.env._(
            "%(meter)s: after %(before)s the counter went past its last digit and "
            "shows %(value)s.",
            **words,
        )

    @api.model
    def _say_regress(self, words):
        return self.env._(
            "%(meter)s: the counter went back from %(before)s to %(value)s, as after a "
            "power cut.",
            **words,
        )

    @api.model
    def _say_higher_than_next(self, words):
        return self.env._(
            "%(meter)s: %(value)s is higher than the reading after it (%(after)s). "
            "Check the number and the date.",
            **words,
        )

    @api.model
    def _say_too_high(self, words):
        return self.env._(
            "%(meter)s: %(value)s is higher than expected (%(low)s to %(high)s). Check "
            "the number.",
            **words,
        )

    @api.model
    def _say_too_low(self, words):
        return self.env._(
            "%(meter)s: %(value)s is lower than expected (%(low)s to %(high)s). Check "
            "the number.",
            **words,
        )

    @api.model
    def _say_impossible(self, words):
        return self.env._(
            "%(meter)s: %(pages)s pages since the reading before it are more than the "
            "device can print (%(most)s). Check the number.",
            **words,
        )

    @api.model
    def _say_sum(self, words):
        return self.env._(
            "%(meter)s: the total (%(total)s) does not fit mono and colour together "
            "(%(parts)s). Check the numbers.",
            **words,
        )

    @api.model
    def _say_colour_on_mono(self, words):
        return self.env._(
            "%(meter)s: %(pages)s pages in colour, but the model is a mono device. "
            "Check the meter, or the device's model.",
            **words,
        )

    @api.model
    def _say_identical(self, words):
        return self.env._(
            "%(meter)s: %(value)s is what the last 3 readings showed. Is the device in "
            "use?",
            **words,
        )

    @api.model
    def _say_zero(self, words):
        return self.env._("%(meter)s: the counter shows 0.", **words)

    @api.model
    def _say_outside_window(self, words):
        return self.env._(
            "%(meter)s: %(date)s is outside the days that the contract is billed from.",
            **words,
        )
