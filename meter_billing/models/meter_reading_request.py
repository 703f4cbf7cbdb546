# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Asking a customer for readings: who is asked for what, and whether it came."""

import re
import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, consteq, hash_sign, hmac, verify_hash_signed

from ..tools import format_counter

SCOPE = "meter_billing.reading_request"
REFERENCE = re.compile(r"\[MR-(\d{1,12})-([0-9a-f]{12})\]")
VALID_DAYS = 60
#: Forms that one link may send: enough for every device, too few for mischief.
MOST_SUBMITS = 200


class MeterReadingRequest(models.Model):
    """What one contact is asked to read for one due day."""

    _name = "meter.reading.request"
    _description = "Reading Request"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "due_date desc, id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    contact_id = fields.Many2one(
        "res.partner", required=True, readonly=True, ondelete="restrict"
    )
    email = fields.Char(related="contact_id.email")
    due_date = fields.Date(string="Due on", required=True, readonly=True)
    line_ids = fields.One2many(
        "meter.reading.request.line", "request_id", readonly=True
    )
    reminder_ids = fields.One2many(
        "meter.reading.reminder", "request_id", readonly=True
    )
    open_count = fields.Integer(compute="_compute_counts", string="Missing")
    device_count = fields.Integer(compute="_compute_counts", string="Devices")
    state = fields.Selection(
        [
            ("open", "Open"),
            ("answered", "Answered"),
            ("escalated", "Escalated"),
            ("closed", "Closed"),
        ],
        default="open",
        required=True,
        readonly=True,
        index=True,
    )
    problem = fields.Char(readonly=True, help="Why nobody could be asked.")
    nonce = fields.Char(readonly=True, copy=False, groups="base.group_system")
    submit_count = fields.Integer(readonly=True)
    is_merged = fields.Boolean(
        readonly=True,
        help="The contact was asked as another one that was merged into it since.",
    )

    _once = models.UniqueIndex(
        "(company_id, contact_id, due_date) WHERE is_merged IS NOT TRUE",
        "This contact is asked for that day already.",
    )

    @api.depends("contact_id", "due_date")
    def _compute_name(self):
        for request in self:
            request.name = f"{request.contact_id.display_name} {request.due_date}"

    @api.depends("line_ids.is_answered")
    def _compute_counts(self):
        for request in self:
            request.device_count = len(request.line_ids)
            request.open_count = len(
                request.line_ids.filtered(lambda x: not x.is_answered)
            )

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")
        # sudo: nobody chooses or sees the nonce, whoever may ask
        requests = super(MeterReadingRequest, self.sudo()).create(
            [{**vals, "nonce": secrets.token_hex(16)} for vals in vals_list]
        )
        return requests.with_env(self.env)

    # === The link without a login, and the reference in mails === #

    def _get_link(self):
        """Return the address of the page that takes the readings: signed, expiring."""
        self.ensure_one()
        # sudo: the nonce is what the signature is about; it is not shown
        message = [self.id, self.sudo().nonce]
        token = hash_sign(
            self.sudo().env, SCOPE, message, expiration_hours=24 * VALID_DAYS
        )
        return f"{self.get_base_url()}/meter/read?token={token}"

    @api.model
    def _find_by_token(self, token):
        """Return the request that a token was made for, as superuser, or none.

        A token that is forged, expired or revoked finds nothing.
        """
        # sudo: the signed token is the right to see and answer this one request
        nothing = self.sudo().browse()
        try:
            message = verify_hash_signed(self.sudo().env, SCOPE, token or "")
        except (ValueError, UnicodeError, IndexError):
            return nothing
        if not isinstance(message, list) or len(message) != 2:
            return nothing
        request = nothing.browse(message[0]).exists()
        if request and request.nonce and consteq(request.nonce, message[1]):
            return request
        return nothing

    def _get_reference(self):
        """Return what a mail about this request carries, so that its reply is known."""
        self.ensure_one()
        return f"[MR-{self.id}-{self._get_short_token()}]"

    def _get_short_token(self):
        # sudo: as for the link
        message = f"{self.id}:{self.sudo().nonce}"
        return hmac(self.sudo().env, f"{SCOPE}.mail", message)[:12]

    @api.model
    def _find_by_reference(self, text):
        """Return the request whose reference a text carries, as superuser, or none.

        :param str text: subject or body of a mail
        """
        # sudo: the token in the reference is the right to answer this one request
        nothing = self.sudo().browse()
        for number, token in REFERENCE.findall(text or ""):
            request = nothing.browse(int(number)).exists()
            if request and consteq(request._get_short_token(), token):
                return request
        return nothing

    def _format_counter(self, value):
        """Return a counter value as the language of the mail writes it."""
        return format_counter(self.env, value)

    def action_revoke(self):
        """Let the links and references that were sent for these be void."""
        self.check_access("write")
        # sudo: nobody reads or writes the nonce by hand
        self.sudo().write({"nonce": False, "state": "closed"})

    def action_close(self):
        """Ask no more."""
        self.check_access("write")
        self.state = "closed"

    @api.model
    def _note_merge(self, gone, kept):
        """Let the requests of contacts that are merged stay beside each other.

        Each was sent with a link of its own, which goes on to take readings.
        """
        # sudo: a merge moves records of all kinds, seen or not, as Odoo's own does
        requests = self.sudo().search(
            [("contact_id", "in", (gone | kept).ids), ("is_merged", "=", False)]
        )
        requests = requests.sorted(lambda r: (r.contact_id in gone, r.id))
        twins = requests.browse()
        for _key, same in requests.grouped(
            lambda r: (r.company_id, r.due_date)
        ).items():
            twins |= same[1:]
        twins.is_merged = True

    # === What came in === #

    @api.model
    def _note_readings(self, device_ids):
        """Note that readings of devices came: what was asked for may be answered now.

        :param device_ids: ids of meter.device records
        """
        lines = (
            self.env["meter.reading.request.line"]
            .sudo()
            .search(
                # sudo: whoever gives the reading answers the request
                [
                    ("device_id", "in", list(device_ids)),
                    ("is_answered", "=", False),
                    ("request_id.state", "in", ("open", "escalated")),
                ]
            )
        )
        lines._update_answered()

    def _stop(self):
        """Stop asking: what waits to be sent is not sent any more."""
        self.write({"state": "answered"})
        self.reminder_ids.mail_id.filtered(
            lambda mail: mail.state == "outgoing"
        ).cancel()
        self.activity_ids.filtered(
            lambda activity: activity.res_model == self._name
        ).action_feedback(feedback=self.env._("The readings came."))

    # === By hand === #

    @api.model
    def _ask_now(self, devices):
        """Ask for readings of devices today, whatever their plans.

        :raises UserError: there is none, or nobody to ask
        """
        installed = devices.filtered(lambda device: device.state == "installed")
        if not installed:
            raise UserError(self.env._("There is no installed device to read."))
        today = self.env.company._meter_today()
        requests = self._ask_for({device.id: (today, today) for device in installed})
        if not requests:
            raise UserError(
                self.env._("They were asked today already, or do not want to be asked.")
            )
        requests._remind(0)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reading Requests"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", requests.ids)],
        }

    @api.model
    def _ask_for(self, due):
        """Create the requests for devices that are due and not read, by contact.

        :param dict due: ``{device_id: (due day, day since which a reading answers)}``
        :return: new requests
        """
        unread = self.env["meter.device"]._find_unread(
            {device_id: since for device_id, (_day, since) in due.items()}
        )
        devices = self.env["meter.device"].browse(sorted(unread))
        groups = {}
        for device in devices:
            customer = device.commercial_partner_id
            if customer and customer.meter_reminders != "off":
                contact = device._get_reading_contact()
                key = (device.company_id, contact, due[device.id][0])
                groups.setdefault(key, []).append(device)
        if not groups:
            return self.browse()
        known = {
            (request.company_id, request.contact_id, request.due_date): request
            for request in self.search(
                [
                    ("contact_id", "in", [contact.id for _c, contact, _d in groups]),
                    ("due_date", "in", list({day for _c, _contact, day in groups})),
                    ("is_merged", "=", False),
                ]
            )
        }
        new = []
        for (company, contact, day), members in groups.items():
            request = known.get((company, contact, day), self.browse())
            lines = [
                Command.create({"device_id": device.id, "since": due[device.id][1]})
                for device in members
                if device not in request.line_ids.device_id
            ]
            if not request:
                new.append(
                    {
                        "company_id": company.id,
                        "partner_id": members[0].commercial_partner_id.id,
                        "contact_id": contact.id,
                        "due_date": day,
                        "line_ids": lines,
                    }
                )
            elif lines and request.state == "open":
                request.line_ids = lines  # a device that came later
        return self.create(new)


class MeterReadingRequestLine(models.Model):
    _name = "meter.reading.request.line"
    _description = "Device of a Reading Request"
    _order = "request_id, device_id"

    request_id = fields.Many2one(
        "meter.reading.request", required=True, index=True, ondelete="cascade"
    )
    device_id = fields.Many2one(
        "meter.device", required=True, index=True, ondelete="restrict"
    )
    since = fields.Date(required=True, help="A reading from this day on answers it.")
    is_answered = fields.Boolean(string="Read")

    _device_once = models.UniqueIndex("(request_id, device_id)")

    def _update_answered(self):
        """Note which of these devices were read, and stop requests that are done."""
        unread = self.env["meter.device"]._find_unread(
            {line.device_id.id: line.since for line in self}
        )
        answered = self.filtered(lambda line: line.device_id.id not in unread)
        if not answered:
            return
        answered.is_answered = True
        done = answered.request_id.filtered(lambda request: not request.open_count)
        if done:
            done._stop()


class MeterReading(models.Model):
    _inherit = "meter.reading"

    def _after_ingest(self):
        result = super()._after_ingest()
        asked = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT line.device_id
                  FROM meter_reading_request_line line
                 WHERE line.is_answered IS NOT TRUE
                   AND line.device_id IN (
                        SELECT device_id FROM meter_reading WHERE id = ANY(%s))
                """,
                list(self.ids),
            )
        )
        if asked:
            self.env["meter.reading.request"]._note_readings(row[0] for row in asked)
        return result
