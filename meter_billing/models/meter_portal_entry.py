# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings that customers enter on a page: asked again, stored, confirmed by mail."""

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.fields import Command

from ..tools import format_exact

LONGEST_NOTE = 500
#: Devices of one form: what is typed for each is a part of it or several, and a form of
#: more than 1,000 parts is refused as a whole.
MOST_DEVICES = 50


class MeterReading(models.Model):
    _inherit = "meter.reading"

    photo_ids = fields.One2many(
        "ir.attachment",
        "res_id",
        domain=[("res_model", "=", "meter.reading")],
        string="Photos",
        help="Of the counter, from who gave the reading.",
    )

    @api.model
    def _store_given(self, rows, verdicts):
        """Store judged rows of a customer; what was sent twice counts once.

        Of two forms that are sent at one moment neither sees the other's readings. The
        second begins anew and finds them, as Odoo lets it where two change one record.
        """
        try:
            with self.env.cr.savepoint():
                return self._store(rows, verdicts, "portal")
        except UniqueViolation as error:
            raise ConcurrencyError("The same readings were just stored.") from error

    def _explain_to_customer(self, row):
        """Return what is remarkable about a judged row, in words for a customer.

        No other value is named: the readings around it may be somebody else's.

        :param dict row: from :meth:`_judge`
        """
        verdict = row["facts"].verdict
        for finding in verdict.findings:
            if text := self._say_to_customer(finding.code, row):
                return text
        if verdict.status == "hold":
            return self.env._("We look at this value before it counts.")
        if verdict.status in ("refused", "duplicate"):
            return self.env._("This value cannot be taken. Please call us.")
        return ""

    def _say_to_customer(self, code, row):
        _ = self.env._
        if code == "no_number":
            return _(
                "“%(value)s” is not a whole number. Enter the counter as the device "
                "shows it.",
                value=row.get("value"),
            )
        low = _(
            "This is lower than before. Counters do not count backwards: check the "
            "number."
        )
        high = _("This is much more than usual. Check the number.")
        few = _("This is much less than usual. Check the number.")
        out = _("The device is not in service on this day, as far as we know.")
        return {
            "negative": _("A counter starts at 0."),
            "too_large": _("This is too large for the counter. Check the number."),
            "future": _("This day is in the future."),
            "before_install": out,
            "after_removal": out,
            "other_value": _(
                "Another value of this day is there already. If that one is wrong, "
                "tell us so on the page of the device."
            ),
            "duplicate": _("This reading is there already."),
            "lower": low,
            "wrap": low,
            "regress": low,
            "too_high": high,
            "impossible": high,
            "higher_than_next": high,
            "too_low": few,
            "identical": _("The counter stands still. Is the device in use?"),
            "zero": _("The counter shows 0. Check the number."),
            "sum": _("The total does not fit mono and colour together."),
            "colour_on_mono": _(
                "As far as we know this device does not print in colour."
            ),
        }.get(code, "")


class MeterDevice(models.Model):
    _inherit = "meter.device"

    def _get_entry_devices(self, with_limits=False):
        """Return these devices and their meters as the form of readings shows them.

        :param bool with_limits: with what is usual, for the customer's own users; who
            has a label or a link, but no login, is told nothing of its habits
        :return: list of ``{device, meters: [{id, name, value, date, low, high}]}``;
            value and date are None where only somebody else's readings are known, low
            and high where it is not known what is usual
        """
        last = self.meter_ids._get_last_own_values()
        limits = self.meter_ids._get_own_limits() if with_limits else {}
        return [
            {
                "device": device,
                "meters": [
                    {
                        "id": meter.id,
                        "name": meter.type_id.name,
                        "value": last.get(meter.id, (None, None))[0],
                        "date": last.get(meter.id, (None, None))[1],
                        "low": limits.get(meter.id, (None, None))[0],
                        "high": limits.get(meter.id, (None, None))[1],
                    }
                    for meter in device.meter_ids
                ],
            }
            for device in self
        ]

    def _split_entry(self, page=1):
        """Return the devices of one page of the form, and which of all they are.

        :param page: from 1 on, as a text or number; what is none is the first
        :return: (devices, ``{first, last, total, next}``), the last the page that
            follows, the first one again after all
        """
        pages = max(-(-len(self) // MOST_DEVICES), 1)
        number = int(page) if str(page).isdecimal() and len(str(page)) < 5 else 1
        number = min(max(number, 1), pages)
        first = (number - 1) * MOST_DEVICES
        shown = self[first : first + MOST_DEVICES]
        part = {
            "first": first + 1,
            "last": first + len(shown),
            "total": len(self),
            "next": number % pages + 1,
        }
        return shown, part

    def _filter_named(self, form):
        """Return those of these devices of which a form has meters."""
        return self.filtered(
            lambda device: any(f"meter_{key}" in form for key in device.meter_ids.ids)
        )

    def _say_giver(self, contact):
        """Return who gives readings, in the dealer's language."""
        env = self.with_context(lang=self.company_id[:1]._get_meter_lang()).env
        if not contact:
            return env._("Given by the label of the device")
        return env._("Given by %(contact)s", contact=contact.display_name)

    def _take_customer_form(self, form, photos, contact):
        """Store what a customer entered for these devices, or say what to look at.

        What is remarkable is stored only once the customer has confirmed it. Called
        with the superuser's rights on devices that were found by the customer's.

        :param dict form: ``meter_ID`` (text as typed); ``note_ID``, ``confirmed_ID`` of
            a device
        :param dict photos: ``{device_id: bytes}``
        :param contact: the res.partner who enters them; none: who has the label
        :return: ``{readings, errors, warnings, there, values, notes, asked,
            confirmed}``: messages by id of the meter, and what was typed where it is
            asked again; asked and confirmed are ids of devices
        """
        Reading = self.env["meter.reading"]
        giver = self._say_giver(contact) if self else ""
        notes = {
            device.id: (form.get(f"note_{device.id}") or "").strip()[:LONGEST_NOTE]
            for device in self
        }
        confirmed = {d.id for d in self if form.get(f"confirmed_{d.id}")}
        # Only meters of these devices: what else a form names is not looked at.
        typed = {
            meter: (form.get(f"meter_{meter.id}") or "").strip()
            for meter in self.meter_ids
        }
        again = {
            "values": {meter.id: text for meter, text in typed.items()},
            "notes": notes,
            "confirmed": confirmed,
        }
        rows = [
            {
                "meter_id": meter.id,
                "date": meter.company_id._meter_today(),
                "value": text,
                "remark": ": ".join(filter(None, (giver, notes[meter.device_id.id]))),
            }
            for meter, text in typed.items()
            if text
        ]
        if not rows:
            return {**again, "is_empty": True}
        # What is stored with a reading is in the language of who reads it.
        lang = self.company_id[:1]._get_meter_lang()
        rows, verdicts = Reading.with_context(lang=lang)._judge(rows, "portal")
        said = {status: {} for status in ("created", "hold", "refused", "duplicate")}
        for row, verdict in zip(rows, verdicts, strict=True):
            if text := Reading._explain_to_customer(row):
                said[verdict["status"]][row["meter_id"]] = text
        remarkable = {**said["created"], **said["hold"]}
        again["warnings"] = remarkable
        again["asked"] = {
            meter.device_id.id for meter in typed if meter.id in remarkable
        }
        problem = self._find_photo_problem(photos.values())
        if said["refused"] or problem:
            return {
                **again,
                "errors": said["refused"],
                "photo_problem": problem,
            }
        if again["asked"] - confirmed:
            return again
        stored = Reading._store_given(rows, verdicts)
        readings = Reading.browse(
            verdict["reading_id"]
            for verdict in stored
            if verdict["status"] in ("created", "hold")
        )
        self._keep_photos(readings, photos)
        return {
            "readings": readings,
            "there": said["duplicate"],
        }

    def _keep_photos(self, readings, photos):
        """Attach the photo of each device to what was read of it."""
        readings._attach_photos(
            {
                given[0].id: (device.serial_number, photos[device.id])
                for device, given in readings.grouped("device_id").items()
                if photos.get(device.id)
            }
        )

    # === Confirmation === #

    def _confirm_readings(self, readings, contact):
        """Mail a contact what was taken, and what is looked at first.

        :param readings: new meter.reading records
        :param contact: res.partner; nothing is sent where it has no address
        """
        if not (readings and contact.email):
            return
        company = readings.company_id[:1]
        env = self.with_context(lang=contact.lang or self.env.lang).env
        readings = readings.with_env(env)
        body = env["ir.qweb"]._render(
            "meter_billing.mail_readings_taken",
            {
                "contact": contact,
                "company": company,
                "format_number": lambda value: format_exact(env, value),
                "groups": readings.grouped("device_id").items(),
                "held": readings.filtered(lambda reading: reading.state == "hold"),
            },
        )
        env["mail.mail"].create(
            {
                "subject": env._("We have your meter readings. Thank you."),
                "email_from": company.email_formatted or False,
                "recipient_ids": [Command.link(contact.id)],
                "body_html": body,
                "auto_delete": True,
            }
        )
