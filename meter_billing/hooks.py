# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the ORM does not do by itself when the module goes."""

from odoo.tools import SQL


def uninstall_hook(env):
    """Let go of the ledger of readings, and of what posted invoices go on to need.

    Odoo would try to delete each record of the module's data one by one: in vain
    where invoices (products, units) or other records (meter types) refer to them.
    The former stay, the latter go with their tables.
    """
    env.cr.execute(
        SQL(
            "DROP FUNCTION IF EXISTS meter_reading_is_append_only(), "
            "meter_reading_decision_stays() CASCADE"
        )
    )
    data = env["ir.model.data"].search([("module", "=", "meter_billing")])
    billed = env["account.move.line"]._read_group(
        [("product_id", "!=", False)], ["product_id", "product_uom_id"]
    )
    needed = set()
    for product, unit in billed:
        templates = product.product_tmpl_id
        units = unit | templates.uom_id
        for record in (*product, *templates, *units):
            needed.add((record._name, record.id))
    data.filtered(
        lambda known: (
            known.model.startswith("meter.") or (known.model, known.res_id) in needed
        )
    ).unlink()
