# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Files that customers send in the portal: kept with what became of each row."""

from collections import Counter

from odoo import api, fields, models


class MeterReadingImport(models.Model):
    _inherit = "meter.reading.import"

    source = fields.Selection(
        selection_add=[("portal", "Portal")], ondelete={"portal": "cascade"}
    )
    result_ids = fields.One2many(
        "meter.reading.import.result", "import_id", string="Rows of the File"
    )

    @api.model
    def _keep_customer_file(self, name, content, company, problem="", rows=()):
        """Keep a file that a customer has sent, as come from the current user.

        :param str name: of the file
        :param bytes content: of the file
        :param company: res.company record
        :param str problem: why nothing of it was taken; empty: it was
        :param rows: dicts with the ``status`` of each row
        :return: the new record, as superuser
        """
        # sudo: customers read no deliveries; this one is the dealer's from now on
        Import = self.sudo().with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True
        )
        counts = Counter(row["status"] for row in rows)
        delivery = Import.create(
            {
                "name": name,
                "source": "portal",
                "company_id": company.id,
                "state": "failed" if problem else "done",
                "reason": problem,
                "row_count": len(rows),
                "done_count": 0 if problem else len(rows),
                **{
                    f"{status}_count": counts[status]
                    for status in ("created", "hold", "duplicate", "ignored")
                },
            }
        )
        Import.env["ir.attachment"].create(
            {
                "name": name,
                "raw": content,
                "res_model": delivery._name,
                "res_field": "file",
                "res_id": delivery.id,
                "company_id": company.id,
            }
        )
        delivery.invalidate_recordset(["file"])
        return delivery

    def _keep_results(self, rows):
        """Keep what became of the rows of this file.

        :param rows: dicts with the fields of a result
        """
        self.ensure_one()
        self.env["meter.reading.import.result"].create(
            [{**row, "import_id": self.id} for row in rows]
        )


class MeterReadingImportResult(models.Model):
    """What a row of a customer's file came to, in the words that the customer read."""

    _name = "meter.reading.import.result"
    _description = "Row of a Customer's File"
    _order = "import_id desc, row, id"
    _rec_name = "serial"
    _log_access = False

    import_id = fields.Many2one(
        "meter.reading.import",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    row = fields.Integer(readonly=True, help="Its number in the file.")
    column = fields.Char(readonly=True, help="The column that is wrong, by its title.")
    serial = fields.Char(string="Serial Number", readonly=True)
    meter_code = fields.Char(string="Meter", readonly=True)
    value = fields.Char(readonly=True)
    status = fields.Selection(
        [
            ("created", "Taken"),
            ("hold", "On Hold"),
            ("duplicate", "There Already"),
            ("ignored", "No Such Meter"),
            ("unknown", "Unknown Device"),
            ("refused", "Refused"),
            ("left", "Right, But Not Taken"),
        ],
        required=True,
        readonly=True,
        help="Right, but not taken: other rows of the file are wrong.",
    )
    message = fields.Char(string="Told", readonly=True)
    reading_id = fields.Many2one("meter.reading", readonly=True, ondelete="restrict")
