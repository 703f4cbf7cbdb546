# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The checks of readings as a dealer sets them up, and what they say."""

from odoo import api, fields, models, tools
from odoo.exceptions import UserError

from ..checking import SEVERITIES

# A value below the one before it would bill less than nothing.
NEVER_INFORMATION = {"lower"}


class MeterReadingCheck(models.Model):
    """How severe it is what a check finds. One record a check, shipped with us."""

    _name = "meter.reading.check"
    _description = "Reading Check"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, readonly=True)
    description = fields.Char(translate=True)
    severity = fields.Selection(
        [
            ("information", "Note it"),
            ("hold", "Hold until accepted"),
            ("reject", "Refuse"),
        ],
        required=True,
        help="Noted readings are billed. Those on hold wait for a billing user. "
        "Refused values come back to who gave them, or wait among the readings not "
        "taken.",
    )
    sequence = fields.Integer(default=10)

    _code_uniq = models.UniqueIndex("(code)", "There is one record a check.")

    @api.constrains("severity")
    def _check_severity(self):
        for check in self:
            if check.code in NEVER_INFORMATION and check.severity == "information":
                raise UserError(
                    self.env._(
                        "“%(check)s” cannot only be noted: pages would be billed below "
                        "zero.",
                        check=check.name,
                    )
                )

    @api.model
    @tools.ormcache()
    def _get_severities(self):
        """Return ``{code: severity}`` of all checks."""
        # sudo: whoever gives a reading is told by the same checks
        found = self.sudo().search_fetch([], ["code", "severity"])
        return {**SEVERITIES, **{check.code: check.severity for check in found}}

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()
