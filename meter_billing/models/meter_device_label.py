# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The label on a device: its code opens the page that takes its readings, no login."""

import secrets

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, consteq, hmac

SCOPE = "meter_billing.device_label"
#: In an hour: forms of one device, pages of one address, wrong codes of one address.
#: A whole office behind one address reads its devices on the same morning.
MOST_FORMS = 20
MOST_PAGES = 600
MOST_WRONG = 30


class MeterDevice(models.Model):
    _inherit = "meter.device"

    # In no form and readable by nobody: the code is signed with the database's secret.
    label_secret = fields.Char(
        readonly=True, copy=False, groups=fields.NO_ACCESS, prefetch=False
    )
    label_date = fields.Date(
        string="Label of",
        readonly=True,
        copy=False,
        help="Since when the code of its label is valid. Empty: it has none.",
    )

    # === The code === #

    def _get_label_url(self):
        """Return the address that the label of this device opens."""
        self.ensure_one()
        return f"{self.get_base_url()}/meter/device/{self._get_label_token()}"

    def _get_label_token(self):
        # sudo: the secret is what the signature is about; it is not shown
        device = self.sudo()
        signature = hmac(device.env, SCOPE, f"{device.id}:{device.label_secret}")
        return f"{device.id}-{signature[:32]}"

    @api.model
    def _find_by_label(self, token):
        """Return the device that a label was printed for, as superuser, or none.

        A code that is forged or revoked finds nothing, nor one of a device that stands
        at no customer.
        """
        # sudo: the signed code is the right to see and read this one device
        nothing = self.sudo().browse()
        number, _dash, signature = (token or "").partition("-")
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            return nothing
        device = nothing.browse(int(number)).exists()
        if not (device and device.label_secret):
            return nothing
        right = device._get_label_token().partition("-")[2]
        if not (signature.isascii() and consteq(right, signature)):
            return nothing
        if device.state != "installed" or not device.commercial_partner_id:
            return nothing
        return device

    def _ensure_label(self):
        """Give these devices a code that have none."""
        for device in self.sudo().filtered(lambda d: not d.label_secret):
            # sudo: nobody reads or writes the secret by hand
            device.write(
                {
                    "label_secret": secrets.token_hex(16),
                    "label_date": device.company_id._meter_today(),
                }
            )

    def _get_label_path(self):
        """Return the code of the label as ``(modules a side, path of an SVG)``."""
        self.ensure_one()
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(self._get_label_url())
        code.make()
        size = code.getModuleCount()
        path = "".join(
            f"M{column} {row}h1v1h-1z"
            for row in range(size)
            for column in range(size)
            if code.isDark(row, column)
        )
        return size, path

    # === By hand === #

    def action_print_labels(self):
        """Print a label for each of these devices, on A4 sheets."""
        return self._print_labels("meter_billing.action_report_device_labels")

    def action_print_label(self):
        """Print the label of this device alone."""
        return self._print_labels("meter_billing.action_report_device_label")

    def _print_labels(self, report):
        self.check_access("write")
        standing = self.filtered(lambda device: device.state == "installed")
        if not standing:
            raise UserError(
                self.env._("Labels are for devices that stand at a customer.")
            )
        standing._ensure_label()
        return self.env.ref(report).report_action(standing)

    def action_renew_label(self):
        """Let the labels that were printed be void: new ones have to be printed."""
        self.action_revoke_label()
        self._ensure_label()

    def action_revoke_label(self):
        """Let the labels that were printed be void."""
        self.check_access("write")
        # sudo: as above
        self.sudo().write({"label_secret": False, "label_date": False})


class MeterLabelUse(models.Model):
    """How often labels are used, by the hour: no device and no address too often."""

    _name = "meter.label.use"
    _description = "Use of Device Labels"
    _order = "hour desc, id desc"
    _log_access = False

    key = fields.Char(required=True, help="What is counted, and of whom.")
    hour = fields.Datetime(required=True)
    count = fields.Integer(required=True)

    _once = models.UniqueIndex("(hour, key)")

    @api.model
    def _note(self, kind, who, most):
        """Count one use, and tell whether it is still within what is allowed.

        :param str kind: what is counted
        :param who: id of a device, or the address of a visitor (kept as a hash)
        :param int most: uses in an hour that are allowed
        """
        key = f"{kind}:{hmac(self.sudo().env, SCOPE, str(who))[:32]}"
        hour = fields.Datetime.now().replace(minute=0, second=0, microsecond=0)
        ((count,),) = self.env.execute_query(
            SQL(
                """
                INSERT INTO meter_label_use (key, hour, count) VALUES (%s, %s, 1)
                ON CONFLICT (hour, key)
                  DO UPDATE SET count = meter_label_use.count + 1
                RETURNING count
                """,
                key,
                hour,
            )
        )
        return count <= most

    @api.autovacuum
    def _gc_uses(self):
        """Forget what was counted longer than a day ago."""
        old = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.env.execute_query(
            SQL("DELETE FROM meter_label_use WHERE hour < %s RETURNING id", old)
        )
