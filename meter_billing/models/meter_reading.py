# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..fields import Counter, DerivedMany2one
from ..tools import INTERNAL

# What a reading says is a fact: only these fields may change after it was taken.
MUTABLE_FIELDS = {"state", "reason", "superseded_by_id"}

SOURCES = [
    ("manual", "Entered by hand"),
    ("grid", "Update meters"),
    ("service", "Technician"),
    ("import", "Imported"),
    ("api", "API"),
    ("mail", "E-mail"),
    ("connector", "Connector"),
    ("portal", "Customer"),
    ("removal", "Device removal"),
    ("move", "Device move"),
    ("install", "Installed again"),
    ("correction", "Correction"),
    ("estimate", "Estimated by billing"),
]

# What is found of a reading: checks whose severity is set up, and what is not checked.
CHECKS = [
    ("lower", "Lower than before"),
    ("higher_than_next", "Higher than the next one"),
    ("too_high", "Higher than expected"),
    ("too_low", "Lower than expected"),
    ("impossible", "More than it can print"),
    ("sum", "Total is not mono plus colour"),
    ("colour_on_mono", "Colour on a mono device"),
    ("identical", "The same as the last three"),
    ("zero", "Zero"),
    ("outside_window", "Outside the reading window"),
    ("wrap", "Went past its last digit"),
    ("regress", "Went back a few pages"),
    ("service", "By a technician"),
]


class MeterReading(models.Model):
    """What a counter showed at a moment. Append-only: a correction supersedes.

    Whether and how pages were charged is not known here: that is the statement's.
    """

    _name = "meter.reading"
    _description = "Meter Reading"
    _order = "read_at desc, id desc"
    _rec_name = "meter_id"

    meter_id = fields.Many2one("meter.meter", required=True, ondelete="restrict")
    type_id = fields.Many2one(related="meter_id.type_id", string="Meter Type")
    # Written once from the meter: a device that moves on leaves its past behind.
    # The meter keeps both from being deleted.
    device_id = DerivedMany2one("meter.device", index=True)
    company_id = DerivedMany2one("res.company")
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        index="btree_not_null",
        ondelete="restrict",
        help="The commercial entity that had the device when it was read.",
    )
    read_at = fields.Datetime(
        string="Read on", required=True, default=fields.Datetime.now
    )
    date = fields.Date(
        readonly=True, help="The day of the reading where the company is."
    )
    # The highest of a group: what the graph of one meter over time shows.
    value = Counter(required=True, aggregator="max")
    kind = fields.Selection(
        [("actual", "Actual"), ("estimated", "Estimated")],
        required=True,
        default="actual",
    )
    source = fields.Selection(
        SOURCES,
        required=True,
        default="manual",
        readonly=True,
    )
    estimate_method = fields.Selection(
        [
            ("recent", "Average of the last three months"),
            ("year_ago", "Same period of last year"),
            ("expected", "Expected pages a month"),
        ],
        readonly=True,
        help="How billing estimated it.",
    )
    import_id = fields.Many2one(
        "meter.reading.import",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    state = fields.Selection(
        [
            ("valid", "Valid"),
            ("hold", "On Hold"),
            ("rejected", "Rejected"),
            ("superseded", "Superseded"),
        ],
        required=True,
        default="valid",
        readonly=True,
        help="Only valid readings are billed.",
    )
    reason = fields.Char(
        readonly=True,
        help="Why it is on hold, rejected or corrected; how it was estimated.",
    )
    check_code = fields.Selection(
        CHECKS,
        string="Check",
        readonly=True,
        index="btree_not_null",
        help="The check that put it on hold, or noted something.",
    )
    note = fields.Char(
        readonly=True, help="What is remarkable about it, though it may be billed."
    )
    supersedes_id = fields.Many2one(
        "meter.reading",
        string="Corrects",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    superseded_by_id = fields.Many2one(
        "meter.reading", string="Corrected by", readonly=True, index="btree_not_null"
    )

    decision_ids = fields.One2many(
        "meter.reading.decision", "reading_id", string="Decisions", readonly=True
    )

    # Users who gave readings cannot be deleted: see res_users.py.
    create_uid = DerivedMany2one("res.users", string="Created by", readonly=True)
    write_uid = DerivedMany2one("res.users", string="Last Updated by", readonly=True)

    _value_positive = models.Constraint(
        "CHECK (value >= 0)", "A counter value cannot be negative."
    )
    _moment_uniq = models.UniqueIndex(
        "(meter_id, read_at) WHERE state IN ('valid', 'hold')",
        "This meter has a reading of that moment already. Correct that one instead.",
    )
    _meter_date_idx = models.Index(
        "(meter_id, date DESC, read_at DESC, id DESC) WHERE state = 'valid'"
    )
    # The days on which a device changed customers.
    _stay_idx = models.Index(
        "(device_id, date) WHERE source IN ('move', 'removal', 'install')"
    )
    _hold_idx = models.Index("(company_id) WHERE state = 'hold'")

    @api.depends("meter_id.display_name", "value", "date")
    def _compute_display_name(self):
        for reading in self:
            if not reading.meter_id:
                reading.display_name = False  # the form says New
                continue
            day = fields.Date.to_string(reading.date) or ""
            reading.display_name = (
                f"{reading.meter_id.display_name} {reading.value or 0:,} {day}".strip()
            )

    def init(self):
        """Let the database itself refuse to change or drop what was read."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION meter_reading_is_append_only()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'meter_reading %% is append-only', OLD.id
                        USING ERRCODE = 'restrict_violation';
                END $$;
                CREATE OR REPLACE TRIGGER meter_reading_no_update
                BEFORE UPDATE ON meter_reading FOR EACH ROW
                WHEN ((OLD.meter_id, OLD.device_id, OLD.company_id, OLD.read_at,
                       OLD.date, OLD.value, OLD.kind, OLD.source, OLD.supersedes_id)
                      IS DISTINCT FROM
                      (NEW.meter_id, NEW.device_id, NEW.company_id, NEW.read_at,
                       NEW.date, NEW.value, NEW.kind, NEW.source, NEW.supersedes_id))
                EXECUTE FUNCTION meter_reading_is_append_only();
                CREATE OR REPLACE TRIGGER meter_reading_no_delete
                BEFORE DELETE ON meter_reading FOR EACH ROW
                EXECUTE FUNCTION meter_reading_is_append_only();
                """
            )
        )

    # === CRUD === #

    @api.model_create_multi
    def create(self, vals_list):
        """Store readings after the same checks that every source goes through.

        :raises UserError: naming each row that cannot be stored and why
        """
        readings = super().create(self._check_new(vals_list))
        readings.filtered(lambda r: r.state == "valid")._mark_billed_periods()
        readings._after_ingest()
        return readings

    def write(self, vals):
        if set(vals) - MUTABLE_FIELDS:
            raise UserError(
                self.env._(
                    "A reading is a fact and stays as it was taken. Use Correct: it "
                    "keeps the original beside the new value."
                )
            )
        if self.env.context.get("meter_reading_transition") is not INTERNAL:
            raise UserError(
                self.env._("Use Accept, Reject or Correct to change a reading's state.")
            )
        return super().write(vals)

    @api.ondelete(at_uninstall=True)
    def _unlink_never(self):
        raise UserError(
            self.env._("A reading is never deleted. Reject it or correct it instead.")
        )

    def copy(self, default=None):  # pylint: disable=method-required-super
        raise UserError(self.env._("A reading cannot be duplicated."))

    # === Looking up === #

    @api.model
    def _get_latest(self, meters, until=None, own=False):
        """Return each meter's last valid reading, as ``{meter_id: reading}``.

        One index look-up a meter, however many readings it has.

        :param meters: meter.meter records
        :param date until: only readings up to this day
        :param bool own: only those of the customer who has the device now
        """
        if not meters.ids:
            return {}
        self.flush_model(["meter_id", "date", "read_at", "state", "partner_id"])
        of_customer = SQL()
        if own:
            self.env["meter.device"].flush_model(["commercial_partner_id"])
            of_customer = SQL(
                """
                AND reading.partner_id = (
                    SELECT device.commercial_partner_id FROM meter_device device
                     WHERE device.id = reading.device_id)
                """
            )
        rows = self.env.execute_query(
            SQL(
                """
                SELECT meter.id, latest.id
                  FROM unnest(%(meters)s::int[]) AS meter(id)
                  JOIN LATERAL (
                        SELECT reading.id
                          FROM meter_reading reading
                         WHERE reading.meter_id = meter.id
                           AND reading.state = 'valid'
                           AND reading.date <= %(until)s
                           %(of_customer)s
                      ORDER BY reading.date DESC, reading.read_at DESC, reading.id DESC
                         LIMIT 1
                       ) latest ON true
                """,
                meters=list(meters.ids),
                until=until or fields.Date.to_date("9999-12-31"),
                of_customer=of_customer,
            )
        )
        readings = self.browse(reading_id for _meter_id, reading_id in rows)
        return {
            meter_id: reading
            for (meter_id, _reading_id), reading in zip(rows, readings, strict=True)
        }

    # === Deciding === #

    def _transition(self, vals, decision=None, reason=""):
        """Write a state change on behalf of a billing user, and who decided it and why.

        :param str decision: a value of meter.reading.decision's field decision; none
            where the change is part of one that is recorded
        :param str reason: in the user's words
        :raises AccessError: the user may not decide about readings
        """
        self.check_access("write")
        if not self.env.user.has_group("meter_billing.group_meter_billing_user"):
            raise AccessError(self.env._("Only billing users decide about readings."))
        self.with_context(meter_reading_transition=INTERNAL).write(vals)
        if decision:
            self.env["meter.reading.decision"]._record(self, decision, reason)
        if "state" in vals:
            self._mark_billed_periods()
            self.env["meter.reading.tally"]._count_again(self)

    def _mark_billed_periods(self):
        """Let contracts correct what was billed without, or with, these readings."""
        self.env["meter.contract"]._mark_for_correction(
            [(reading.device_id.id, reading.date) for reading in self]
        )

    def _accept(self, reason, decision="accept"):
        """Let readings on hold be billed.

        Where a counter of known digits shows less than before, it has wrapped.

        :param str reason: why they are right after all
        :raises UserError: one of them is not on hold
        """
        self._check_can_accept()
        self.env["meter.event"]._create_wraps(self)
        self._transition({"state": "valid"}, decision, reason)

    def _check_can_accept(self):
        if any(reading.state != "hold" for reading in self):
            raise UserError(self.env._("Only readings on hold can be accepted."))

    def _reject(self, reason):
        """Keep readings out of billing. They stay in the list with their reason.

        :param str reason: why they are wrong
        :raises UserError: one of them is neither valid nor on hold
        """
        self._check_can_reject()
        valid = self.filtered(lambda reading: reading.state == "valid")
        valid._transition({"state": "rejected", "reason": reason}, "invalidate", reason)
        (self - valid)._transition({"state": "rejected"}, "reject", reason)

    def _check_can_reject(self):
        if any(reading.state not in ("hold", "valid") for reading in self):
            raise UserError(
                self.env._("Only valid readings and readings on hold can be rejected.")
            )

    def action_accept(self):
        """Ask why these readings on hold are right, and let them be billed."""
        self._check_can_accept()
        return self._open_decision("accept", self.env._("Accept Readings"))

    def action_reject(self):
        """Ask why these readings are wrong, and keep them out of billing."""
        self._check_can_reject()
        return self._open_decision("reject", self.env._("Reject Readings"))

    def _open_decision(self, decision, title):
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "meter.reading.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_decision": decision,
                "default_reading_ids": self.ids,
            },
        }

    def action_correct(self):
        """Open the form that corrects this reading."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Correct Reading"),
            "res_model": "meter.reading.correction",
            "view_mode": "form",
            "target": "new",
            "context": {"default_reading_id": self.id},
        }

    def _correct(self, value, reason):
        """Supersede this reading by another value and return the new reading.

        The original keeps its value and says what replaced it; create_uid and
        create_date of the new one say who did it and when.

        :param int value: what the counter really showed
        :param str reason: why, in the user's words
        :raises UserError: the reading is superseded already, or the value is refused
        """
        self.ensure_one()
        if self.state == "superseded":
            raise UserError(
                self.env._("This reading was corrected already: correct the newer one.")
            )
        self._transition({"state": "superseded", "reason": reason}, "correct", reason)
        correction = self._ingest_or_raise(
            [
                {
                    "meter_id": self.meter_id.id,
                    "partner_id": self.partner_id.id,
                    "read_at": self.read_at,
                    "value": value,
                    "reason": reason,
                    "supersedes_id": self.id,
                }
            ],
            source="correction",
        )
        self._transition({"superseded_by_id": correction.id})
        return correction
