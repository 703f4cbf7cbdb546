# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Photos that customers send with readings and disputes, and open again.

Attachments are opened by employees alone. A customer opens those pictures of its own
records that it sent itself: what the dealer attaches stays the dealer's.
"""

import base64

from odoo import api, models
from odoo.tools.mimetypes import guess_mimetype

LARGEST_PHOTO = 10 * 1024 * 1024
PHOTO_TYPES = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
#: Models whose photos customers open; each has the customer in ``partner_id``.
WITH_PHOTOS = ("meter.reading", "meter.dispute")


class MeterPortalMixin(models.AbstractModel):
    _inherit = "meter.portal.mixin"

    @api.model
    def _find_photo_problem(self, photos):
        """Return why photos cannot be kept, or an empty text.

        :param photos: iterable of bytes
        """
        for content in photos:
            if len(content) > LARGEST_PHOTO:
                return self.env._("The photo is larger than 10 MB. Take a smaller one.")
            if guess_mimetype(content) not in PHOTO_TYPES:
                return self.env._("The photo is no picture: send a JPEG or PNG.")
        return ""

    def _attach_photos(self, photos):
        """Keep photos with these records, as sent by the current user.

        :param dict photos: ``{record_id: (name without its ending, bytes)}``
        """
        values = []
        for record_id, (name, content) in photos.items():
            kind = guess_mimetype(content)
            values.append(
                {
                    "name": f"{name}.{PHOTO_TYPES[kind]}",
                    "datas": base64.b64encode(content),
                    "mimetype": kind,
                    "res_model": self._name,
                    "res_id": record_id,
                }
            )
        self.env["ir.attachment"].create(values)

    def _get_customer_photos(self):
        """Return ``{record_id: photos}`` that the customer of each record has sent.

        With a login, or by a label or link without one. Called on records that were
        found with the customer's rights.

        :return: dict of ir.attachment records, as superuser
        """
        # sudo: customers read no attachments; which of them are shown is decided here
        records = self.sudo()
        customers = {
            record.id: record.partner_id.commercial_partner_id for record in records
        }
        photos = records.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("mimetype", "in", list(PHOTO_TYPES)),
            ],
            order="id",
        )
        return photos.filtered(
            lambda photo: photo._is_sent_by(customers[photo.res_id])
        ).grouped("res_id")


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _is_sent_by(self, customer):
        """Tell whether somebody of a customer, or nobody with a login, has sent it."""
        self.ensure_one()
        sender = self.create_uid
        return sender._is_public() or (
            sender.share and sender.partner_id.commercial_partner_id == customer
        )
