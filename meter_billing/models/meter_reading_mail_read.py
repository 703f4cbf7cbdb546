# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What a mail says: whose it is, the counters in it, and what of them is stored."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import islice

from odoo import api, models

from .. import counter_mail
from ..moment import parse_moment
from ..tools import format_counter

#: Rows of one mail; larger files are imported, where one sees what becomes of them.
MOST_ROWS = 10_000
#: Characters of a mail that are read; nobody writes more, and no device either.
MOST_TEXT = 500_000
#: Reasons that are told of one mail; the rows themselves list the others.
MOST_REASONS = 5
# Counters that are asked of a device that is not known yet; it may have others.
KNOWN_ANYWAY = {"mono", "colour", "total"}


@dataclass
class MailContents:
    """What was found in a mail."""

    rows: list = field(default_factory=list)  # for ``_ingest_serials``
    problems: list = field(default_factory=list)  # texts for users
    told: list = field(default_factory=list)  # the same in the sender's language
    is_reply: bool = False  # a person wrote it
    is_unknown: bool = False  # its sender, so that its rows are not stored


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    def _read_mail(self):
        """Read the counters of this mail, store them, and settle what becomes of it.

        Reading it again changes nothing of what it has brought already.
        """
        self.ensure_one()
        _ = self.env._
        message = self._get_mail_message()
        if not self.mail_partner_id:
            self.mail_partner_id = self._find_sender(message)
        if self.is_auto_reply or (self.mail_sign and self.request_id):
            self._settle_mail("dismissed", self.mail_sign)
            return
        contents = self._read_contents(message)
        self.is_sender_unknown = contents.is_unknown
        if self.mail_sign and not contents.rows and not contents.problems:
            reason = _("No counters were found in it. %(sign)s", sign=self.mail_sign)
            self._settle_mail("dismissed", reason)
            return
        told = self._get_told_messages(contents)
        verdicts = self._store_mail_rows(contents.rows)
        if not contents.rows and not contents.problems:
            contents.problems.append(_("No counters were found in it."))
        if contents.is_reply:
            self._confirm_mail(contents, verdicts, told)
        reasons = contents.problems + [
            verdict["message"]
            for verdict in verdicts
            if verdict["status"] in ("unknown", "refused")
        ]
        reasons = list(dict.fromkeys(reasons))
        if len(reasons) > MOST_REASONS:
            more = len(reasons) - MOST_REASONS
            reasons[MOST_REASONS:] = [_("And %(count)s more.", count=more)]
        self._settle_mail("waiting" if reasons else "done", " ".join(reasons))

    def _store_mail_rows(self, rows):
        """Store the rows of this mail; return a verdict for each."""
        # What was not taken the last time is judged anew.
        waiting = self.line_ids.filtered(lambda r: r.status in ("unknown", "refused"))
        waiting.write({"status": "dismissed", "message": self.env._("Read again.")})
        self.write(
            {
                "row_count": len(rows),
                "done_count": 0,
                "duplicate_count": 0,
                "ignored_count": 0,
            }
        )
        verdicts = self.env["meter.reading"]._ingest_serials(
            rows, source="mail", company=self.company_id, delivery=self
        )
        # What this mail brought itself, when it was read before, is no duplicate.
        found = Counter(v["reading_id"] for v in verdicts if v["status"] == "duplicate")
        own = self.env["meter.reading"].search(
            [("id", "in", list(found)), ("import_id", "=", self.id)]
        )
        self.duplicate_count -= sum(found[reading.id] for reading in own)
        return verdicts

    # === Whose it is === #

    def _get_mail_message(self):
        """Return the mail itself, as it stands in the discussion."""
        return self.env["mail.message"].search(
            [
                ("model", "=", self._name),
                ("res_id", "=", self.id),
                ("message_id", "=", self.key),
            ],
            limit=1,
        )

    def _find_sender(self, message):
        """Return the contact who sent a mail, none where nobody is known."""
        contact = self.request_id.contact_id
        if contact and contact.email_normalized == self.mail_email:
            return contact
        if message.author_id:
            return message.author_id
        if not self.mail_email:
            return self.env["res.partner"]
        return self.env["res.partner"].search(
            [
                ("email_normalized", "=", self.mail_email),
                ("company_id", "in", (False, self.company_id.id)),
            ],
            limit=1,
        )

    def _is_sender_allowed(self):
        """Tell whether mails of this sender are taken, whatever they are about."""
        if self.is_sender_accepted:
            return True
        address = self.mail_email or ""
        domain = address.partition("@")[2]
        return bool(address) and bool(
            {address, domain, f"@{domain}"} & self.company_id._get_mail_senders()
        )

    def _is_sender_of(self, customer):
        """Tell whether the sender may give readings of a customer's devices."""
        sender = self.mail_partner_id
        return self._is_sender_allowed() or bool(
            sender
            and (
                sender.user_ids.filtered(lambda user: user._is_internal())
                or customer
                and sender.commercial_partner_id == customer.commercial_partner_id
            )
        )

    # === What it says === #

    def _read_contents(self, message):
        """Return the :class:`MailContents` of a mail."""
        text = counter_mail.to_text((message.body or "")[:MOST_TEXT])
        forwarded = counter_mail.is_forward(self.name)
        written = counter_mail.above_quote(text, forwarded)
        if self.device_id:
            return self._read_for_device(written, message)
        if self.request_id:
            return self._read_for_request(written, message)
        contents = self._read_reports(written, message)
        if not contents.rows and not contents.problems:
            # Devices write lines that look like the head of a quoted mail.
            contents = self._read_reports(text, message)
        if contents.rows or contents.problems or self.mail_sign:
            return contents
        customer = self.mail_partner_id.commercial_partner_id
        devices = customer and self._get_devices_of(customer)
        if devices:
            return self._read_written(written, devices)
        return contents

    def _read_for_device(self, written, message):
        """Read a mail about the device that a user has chosen."""
        reports, _problems = self._find_reports(written, message)
        if len(reports) == 1:
            reports[0].serial = self.device_id.serial_number
            return self._take_reports(reports, lambda _device: True)
        return self._read_written(written, self.device_id)

    def _read_for_request(self, written, message):
        """Read a mail that answers a request."""
        request = self.request_id
        if not self.is_request_sure and not self._is_sender_of(request.partner_id):
            return MailContents(
                problems=[
                    self.env._(
                        "It answers a request to %(customer)s without its reference, "
                        "and %(sender)s is none of their contacts.",
                        customer=request.partner_id.display_name,
                        sender=self.mail_from or "",
                    )
                ],
                is_unknown=True,
            )
        contents = self._read_written(written, request.line_ids.device_id)
        if contents.rows and not contents.problems:
            return contents
        # A device's own page, handed on by the customer.
        reports, problems = self._find_reports(written, message)
        own = request.partner_id.commercial_partner_id
        found = self._take_reports(
            reports, lambda device: device.commercial_partner_id == own
        )
        found.problems += problems
        is_plain = found.rows and not found.problems
        is_all = not contents.rows and (found.rows or not contents.problems)
        if not is_plain and not (is_all and (found.rows or found.problems)):
            return contents
        found.told = found.problems
        found.is_reply = True
        return found

    @api.model
    def _get_devices_of(self, customer):
        return self.env["meter.device"].search(
            [
                ("commercial_partner_id", "=", customer.id),
                ("company_id", "=", self.company_id.id),
                ("state", "=", "installed"),
            ]
        )

    def _read_written(self, written, devices):
        """Read what a person wrote about some devices."""
        types = devices.meter_ids.type_id | self.env["meter.type"].search([])
        own = types._get_mail_names()
        reply = counter_mail.read_reply(
            written,
            [
                counter_mail.Asked(
                    device.serial_number,
                    tuple(device.meter_ids.type_id.mapped("code")),
                )
                for device in devices
            ],
            counter_mail.make_names(own),
        )
        contents = MailContents(is_reply=True)
        foreign = self.with_context(lang=self._get_sender_lang())
        for problem in reply.problems:
            contents.problems.append(self._explain_reply_problem(problem))
            contents.told.append(foreign._explain_reply_problem(problem))
        for device in devices:
            values = reply.values.get(device.serial_number) or {}
            contents.rows += self._prepare_mail_rows(device, values, is_person=True)
        return contents

    def _read_reports(self, written, message):
        """Read what devices wrote of themselves; store only what may be trusted."""
        reports, problems = self._find_reports(written, message)
        contents = self._take_reports(reports, self._may_take)
        contents.problems += problems
        return contents

    def _may_take(self, device):
        """Tell whether the sender may give readings of a device, which may be none."""
        if device:
            return self._is_sender_of(device.commercial_partner_id)
        # Kept until the device exists, for a sender that is known at all.
        return self._is_sender_allowed() or bool(self.mail_partner_id)

    def _take_reports(self, reports, may_take):
        """Return the contents of what devices report.

        :param reports: list of ``counter_mail`` devices, and of rows of tables
        :param may_take: function of a device (which may be empty): may the sender give
            its readings?
        """
        _ = self.env._
        contents = MailContents()
        known = self.env["meter.device"]._find_by_serial(
            {_get_serial(report) for report in reports}, self.company_id
        )
        refused = {}
        for report in reports:
            serial = _get_serial(report)
            device = self._choose_device(known.get(serial.strip().upper()), report)
            if not may_take(device):
                refused[serial] = device
            elif isinstance(report, dict):
                contents.rows.append(report)
            else:
                rows = self._prepare_mail_rows(device, report.values, report=report)
                contents.rows += rows
                if report.values and not rows:
                    contents.problems.append(
                        _(
                            "%(serial)s: it tells %(given)s, which says nothing about "
                            "the meters of the device.",
                            serial=serial,
                            given=", ".join(report.values),
                        )
                    )
                for code, values in report.doubtful.items():
                    contents.problems.append(
                        _(
                            "%(serial)s: it gives several values for %(meter)s "
                            "(%(values)s).",
                            serial=serial,
                            meter=code,
                            values=", ".join(map(str, values)),
                        )
                    )
        if refused:
            contents.is_unknown = True
            contents.problems.append(
                _(
                    "The sender is neither on the list nor a contact of the customer: "
                    "readings of %(devices)s were not taken.",
                    devices=", ".join(islice(refused, 10)),
                )
            )
        if len(contents.rows) > MOST_ROWS:
            contents.rows = []
            contents.problems.append(
                _(
                    "It has more than %(most)s rows. Import the attached file instead.",
                    most=format_counter(self.env, MOST_ROWS),
                )
            )
        for number, row in enumerate(contents.rows, start=1):
            row.setdefault("row", number)
        return contents

    @api.model
    def _choose_device(self, found, report):
        """Return the device of a report: of several makers the one it names."""
        if not found:
            return self.env["meter.device"]
        if len(found) > 1:
            make = report["make"] if isinstance(report, dict) else report.make
            found = found.filtered(
                lambda d: d.manufacturer_id.name.lower() == (make or "").lower()
            )
        return found[:1]

    def _prepare_mail_rows(self, device, values, report=None, is_person=False):
        """Return the rows of a device's counters, as the intake takes them."""
        codes = set(device.meter_ids.type_id.mapped("code"))
        if is_person:
            # What somebody writes is meant: a meter that is not there is a problem.
            found = counter_mail.complete(values, codes)
            taken = {code for code, _value, _how in found}
            used = {part for _code, _value, how in found for part in how}
            found += tuple(
                (code, value, ())
                for code, value in values.items()
                if code not in taken | used
            )
        elif device:
            found = counter_mail.complete(values, codes)
        else:
            found = tuple(
                (code, values[code], ()) for code in values if code in KNOWN_ANYWAY
            )
        return [
            {
                "serial": device.serial_number or report.serial,
                "make": device.manufacturer_id.name or report.make,
                "meter": code,
                "moment": self._get_row_moment(report),
                "value": value,
                "optional": not is_person,
                "remark": self._get_mail_remark(how),
            }
            for code, value, how in found
        ]

    def _get_row_moment(self, report):
        """Return when counters were read: as the device says where that is plain."""
        moment = report and parse_moment(report.moment, "%Y-%m-%d")
        read_at = moment and moment[0]
        # Without a time zone, or by a clock that is wrong, the mail knows better.
        has_zone = read_at and (report.moment[-1] == "Z" or report.moment[-6] in "+-")
        age = has_zone and (self.mail_date - read_at).days
        return read_at if has_zone and 0 <= age < 31 else self.mail_date

    def _get_mail_remark(self, how):
        """Return what a reading says about how it came."""
        _ = self.env._
        text = _("Mail of %(sender)s.", sender=self.mail_from or "")
        if how:
            names = {
                kind.code: kind.name
                for kind in self.env["meter.type"].search([("code", "in", how)])
            }
            sum_text = " ".join(
                names.get(part, {"-": "−"}.get(part, part)) for part in how
            )
            text = f"{text} {_('Worked out: %(sum)s.', sum=sum_text)}"
        return text

    # === Words === #

    @api.model
    def _explain_reply_problem(self, problem):
        """Return what could not be read in an answer, and what to do."""
        _ = self.env._
        text = problem.text
        if problem.code == "device":
            return _(
                "“%(line)s”: it does not say which device. Write the serial number "
                "beside it.",
                line=text,
            )
        if problem.code == "serial":
            return _("%(serial)s is none of the devices that were asked.", serial=text)
        if problem.code == "meter":
            return _(
                "“%(line)s”: it does not say which counter. Write its name beside the "
                "number.",
                line=text,
            )
        if problem.code == "part":
            return _("“%(line)s” has a number that is not whole.", line=text)
        if problem.code == "twice":
            return _("Two values were given: %(values)s.", values=text)
        return _(
            "“%(line)s”: it is not clear which number is which counter. Write one a "
            "line.",
            line=text,
        )


def _get_serial(report):
    return (report["serial"] if isinstance(report, dict) else report.serial) or ""
