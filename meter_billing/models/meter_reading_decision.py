# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Who decided what about a reading, when and why: written once, never changed."""

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class MeterReadingDecision(models.Model):
    _name = "meter.reading.decision"
    _description = "Decision about a Reading"
    _order = "id desc"

    reading_id = fields.Many2one(
        "meter.reading", required=True, readonly=True, index=True, ondelete="restrict"
    )
    device_id = fields.Many2one(related="reading_id.device_id")
    company_id = fields.Many2one(related="reading_id.company_id", store=True)
    decision = fields.Selection(
        [
            ("accept", "Accepted"),
            ("event", "Explained by an event"),
            ("reject", "Rejected"),
            ("invalidate", "Invalidated"),
            ("correct", "Corrected"),
        ],
        required=True,
        readonly=True,
    )
    reason = fields.Char(required=True, readonly=True)
    create_uid = fields.Many2one("res.users", string="Decided by", readonly=True)
    create_date = fields.Datetime(string="Decided on", readonly=True)

    @api.depends("decision", "reading_id")
    def _compute_display_name(self):
        names = dict(self._fields["decision"]._description_selection(self.env))
        for one in self:
            one.display_name = (
                f"{names.get(one.decision, '')}: {one.reading_id.display_name}"
            )

    def init(self):
        """Let the database itself refuse to change or drop a decision."""
        self.env.cr.execute(
            SQL(
                """
                CREATE OR REPLACE FUNCTION meter_reading_decision_stays()
                RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'meter_reading_decision %% is kept', OLD.id
                        USING ERRCODE = 'restrict_violation';
                END $$;
                CREATE OR REPLACE TRIGGER meter_reading_decision_no_update
                BEFORE UPDATE ON meter_reading_decision FOR EACH ROW
                WHEN ((OLD.reading_id, OLD.decision, OLD.reason, OLD.create_uid)
                      IS DISTINCT FROM
                      (NEW.reading_id, NEW.decision, NEW.reason, NEW.create_uid))
                EXECUTE FUNCTION meter_reading_decision_stays();
                CREATE OR REPLACE TRIGGER meter_reading_decision_no_delete
                BEFORE DELETE ON meter_reading_decision FOR EACH ROW
                EXECUTE FUNCTION meter_reading_decision_stays();
                """
            )
        )

    @api.model
    def _record(self, readings, decision, reason):
        """Note what was decided about these readings, in one statement.

        :param str decision: a value of the field decision
        :raises UserError: there is no reason
        """
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: the reason stays with the reading."))
        # sudo: nobody writes decisions but the methods that carry them out, which
        # check that the user may decide
        self.sudo().create(
            [
                {"reading_id": reading.id, "decision": decision, "reason": reason}
                for reading in readings
            ]
        )
