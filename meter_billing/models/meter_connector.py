# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import logging
from itertools import islice

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..fleet import FleetError, FleetRefused, PrintTracker
from ..fleet.print_tracker import COUNTERS

_logger = logging.getLogger(__name__)

CHUNK = 5_000


class MeterConnector(models.Model):
    """A fleet-management service that is asked for readings.

    A further service is a further ``kind`` with a method ``_get_service_KIND`` that
    returns what ``fleet`` describes.
    """

    _name = "meter.connector"
    _description = "Fleet Service"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "sequence, id"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    kind = fields.Selection(
        [("print_tracker", "Print Tracker")], required=True, default="print_tracker"
    )
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="Is told when the service cannot be read from.",
    )
    url = fields.Char(
        string="Address",
        required=True,
        default="https://papi.printtrackerpro.com/v1",
    )
    api_key = fields.Char(
        string="API Key",
        copy=False,
        groups="meter_billing.group_meter_billing_manager",
    )
    entity = fields.Char(
        help="The service's id of the dealer, with all customers below."
    )
    count_format = fields.Selection(
        [
            ("default", "Default: pages"),
            ("life", "Life: what the device shows"),
            ("equiv", "Equivalent: large pages count as more"),
        ],
        default="default",
        required=True,
        help="Which counts contracts are billed on.",
    )
    interval_hours = fields.Integer(string="Every (Hours)", default=24, required=True)
    counter_ids = fields.One2many(
        "meter.connector.counter",
        "connector_id",
        string="Meters",
        default=lambda self: self._default_counters(),
        copy=True,
    )
    device_ids = fields.One2many("meter.connector.device", "connector_id")
    last_run = fields.Datetime(readonly=True, copy=False)
    read_until = fields.Datetime(
        readonly=True, copy=False, help="Younger meters are asked for the next time."
    )
    state = fields.Selection(
        [("new", "Not Run Yet"), ("ok", "Working"), ("failing", "Failing")],
        default="new",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    reason = fields.Char(readonly=True, copy=False)
    device_count = fields.Integer(compute="_compute_counts", string="Devices")
    unknown_count = fields.Integer(compute="_compute_counts", string="Unknown Here")

    _interval_positive = models.Constraint(
        "CHECK (interval_hours > 0)", "Ask at least every so many hours."
    )

    @api.model
    def _default_counters(self):
        types = {kind.code: kind.id for kind in self.env["meter.type"].search([])}
        return [
            Command.create({"counter": counter, "type_id": types[code]})
            for counter, code in COUNTERS.items()
            if code in types
        ]

    @api.depends("device_ids.device_id")
    def _compute_counts(self):
        counts = {
            connector: (count, count - known)
            for connector, count, known in self.env[
                "meter.connector.device"
            ]._read_group(
                [("connector_id", "in", self.ids)],
                ["connector_id"],
                ["__count", "device_id:count"],
            )
        }
        for connector in self:
            connector.device_count, connector.unknown_count = counts.get(
                connector, (0, 0)
            )

    # === Asking === #

    def _get_service(self):
        """Return the service as ``fleet`` describes one."""
        self.ensure_one()
        return getattr(self, f"_get_service_{self.kind}")()

    def _get_service_print_tracker(self):
        # sudo: the key is for whoever pulls, not for whoever looks
        return PrintTracker(
            self.url, self.sudo().api_key or "", self.entity or "", self.count_format
        )

    def action_test(self):
        """Ask the service for one device.

        :raises UserError: why it cannot be read from
        """
        self.ensure_one()
        self.check_access("write")
        try:
            self._get_service().check()
        except FleetError as error:
            raise UserError(self._explain(error)) from error
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("%(name)s answers.", name=self.name),
            },
        }

    def action_pull(self):
        """Ask for readings now."""
        self.check_access("write")
        for connector in self:
            connector._pull_safely()

    @api.model
    def _cron_pull(self):
        """Ask the services that are due, one after the other."""
        now = fields.Datetime.now()
        due = self.search([]).filtered(
            lambda c: (
                not c.last_run
                or fields.Datetime.add(c.last_run, hours=c.interval_hours) <= now
            )
        )
        commit_progress = self.env["ir.cron"]._commit_progress
        left = len(due)
        has_time = commit_progress(remaining=left)
        for connector in due:
            if not has_time:
                return
            if connector.try_lock_for_update():
                connector.with_company(connector.company_id)._pull_safely()
            left -= 1
            has_time = commit_progress(1, remaining=left)

    def _pull_safely(self):
        """Ask for readings; what goes wrong is seen on the service and told once."""
        self.ensure_one()
        reason = None
        try:
            with self.env.cr.savepoint():
                self._pull()
        except FleetError as error:
            reason = self._explain(error)
        except Exception as error:  # noqa: BLE001 - one service's failure is its own
            _logger.exception("Fleet service %s failed", self.id)
            reason = str(error)
        if reason and self.state != "failing" and self.user_id:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                user_id=self.user_id.id,
                summary=self.env._("%(name)s cannot be read from", name=self.name),
                note=reason,
            )
        self.write(
            {
                "last_run": fields.Datetime.now(),
                "state": "failing" if reason else "ok",
                "reason": reason or False,
            }
        )

    def _pull(self):
        """Take in the service's devices and its readings since the last time."""
        service = self._get_service()
        devices = list(service.devices())
        self._update_devices(devices)
        codes = {line.counter: line.type_id.code for line in self.counter_ids}
        rows = (
            {
                "serial": reading["serial"],
                "make": reading["make"],
                "meter": codes[reading["counter"]],
                "moment": reading["moment"],
                "value": reading["value"],
                "optional": True,
            }
            for reading in service.readings(devices, self.read_until or None)
            if reading["counter"] in codes
        )
        delivery, latest = None, self.read_until
        while chunk := list(islice(rows, CHUNK)):
            if not delivery:
                delivery = self.env["meter.reading.import"].create(
                    {
                        "name": self.name,
                        "source": "connector",
                        "connector_id": self.id,
                        "company_id": self.company_id.id,
                        "state": "done",
                    }
                )
            self.env["meter.reading"]._ingest_serials(
                chunk, source="connector", company=self.company_id, delivery=delivery
            )
            delivery.row_count += len(chunk)
            latest = max(
                [row["moment"] for row in chunk] + ([latest] if latest else [])
            )
        self.read_until = latest

    def _update_devices(self, devices):
        """Keep the list of the service's devices, in one statement."""
        self.ensure_one()
        self.env["meter.connector.device"].flush_model()
        unique = {device["serial"].upper(): device for device in devices}
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO meter_connector_device
                       (connector_id, company_id, serial, make, model, place, seen_at)
                SELECT %(connector)s, %(company)s, given.*, %(now)s
                  FROM unnest(%(serials)s::text[], %(makes)s::text[],
                              %(models)s::text[], %(places)s::text[]) AS given
                ON CONFLICT (connector_id, upper(serial)) DO UPDATE
                   SET make = excluded.make, model = excluded.model,
                       place = excluded.place, seen_at = excluded.seen_at
                """,
                connector=self.id,
                company=self.company_id.id,
                now=fields.Datetime.now(),
                serials=[device["serial"] for device in unique.values()],
                makes=[device["make"] for device in unique.values()],
                models=[device["model"] for device in unique.values()],
                places=[device["place"] for device in unique.values()],
            )
        )
        self.invalidate_recordset(["device_ids"])
        self.device_ids.invalidate_recordset()
        self.device_ids._match()

    def _explain(self, error):
        """Return why a service cannot be read from, in the user's language."""
        _ = self.env._
        texts = {
            "address": _("The address has to begin with http:// or https://."),
            "refused": _(
                "%(name)s does not accept the API key. Enter a key that may read this "
                "entity.",
                name=self.name,
            ),
            "timeout": _("%(name)s did not answer in time.", name=self.name),
            "connection": _("%(name)s cannot be reached.", name=self.name),
            "no_json": _(
                "%(name)s answered something else than data. Check the address.",
                name=self.name,
            ),
            "no_list": _(
                "%(name)s answered something else than a list. Check the entity.",
                name=self.name,
            ),
            "too_large": _("%(name)s answered too much at once.", name=self.name),
            "endless": _(
                "%(name)s gives the same page over and over. Ask its maker.",
                name=self.name,
            ),
            "status": _(
                "%(name)s answered with status %(status)s. Check address and entity.",
                name=self.name,
                status=error.facts.get("status"),
            ),
        }
        text = texts[error.code]
        if isinstance(error, FleetRefused):
            return text
        if error.facts.get("again"):
            return _("%(text)s It is asked again the next time.", text=text)
        return text

    def action_view_devices(self):
        """Open the service's devices."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Devices of %(name)s", name=self.name),
            "res_model": "meter.connector.device",
            "view_mode": "list",
            "domain": [("connector_id", "=", self.id)],
        }

    def action_view_unknown_there(self):
        """Open our installed devices that the service does not know."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_device"
        )
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("state", "=", "installed"),
            ("id", "not in", self.device_ids.device_id.ids),
        ]
        return action

    def action_view_imports(self):
        """Open what the service has delivered."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "meter_billing.action_meter_reading_import"
        )
        action["domain"] = [("connector_id", "=", self.id)]
        return action


class MeterConnectorCounter(models.Model):
    _name = "meter.connector.counter"
    _description = "Meter of a Fleet Service"
    _order = "connector_id, id"

    connector_id = fields.Many2one(
        "meter.connector", required=True, index=True, ondelete="cascade"
    )
    counter = fields.Selection(
        [(name, name) for name in COUNTERS], string="Their Counter", required=True
    )
    type_id = fields.Many2one(
        "meter.type",
        string="Our Meter",
        required=True,
        ondelete="restrict",
        domain=[("is_derived", "=", False)],
    )

    _counter_uniq = models.UniqueIndex(
        "(connector_id, counter)", "Each counter of the service is one of our meters."
    )


class MeterConnectorDevice(models.Model):
    """A device as the service knows it, and the one that it is here."""

    _name = "meter.connector.device"
    _description = "Device of a Fleet Service"
    _order = "connector_id, serial"
    _rec_name = "serial"
    _log_access = False

    connector_id = fields.Many2one(
        "meter.connector", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True)
    serial = fields.Char(string="Serial Number", required=True)
    make = fields.Char()
    model = fields.Char()
    place = fields.Char()
    seen_at = fields.Datetime(string="Seen on")
    device_id = fields.Many2one(
        "meter.device", string="Our Device", index="btree_not_null", ondelete="set null"
    )

    _serial_uniq = models.UniqueIndex("(connector_id, upper(serial))")

    def _match(self):
        """Find our device of each, by serial number; set-based."""
        if not self:
            return
        self.env["meter.device"].flush_model(["serial_number", "company_id"])
        self.env.cr.execute(
            SQL(
                """
                UPDATE meter_connector_device theirs
                   SET device_id = (
                        SELECT min(device.id)
                          FROM meter_device device
                         WHERE upper(device.serial_number) = upper(theirs.serial)
                           AND device.company_id = theirs.company_id)
                 WHERE theirs.id IN %s
                """,
                tuple(self.ids),
            )
        )
        self.invalidate_recordset(["device_id"])


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    connector_id = fields.Many2one(
        "meter.connector",
        string="Fleet Service",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
