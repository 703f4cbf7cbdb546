# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Photos that the customer has sent itself, opened again."""

from odoo.http import request, route

from ..models.meter_portal_photo import WITH_PHOTOS
from .portal import MeterPortal


class MeterPortalPhoto(MeterPortal):
    @route("/my/photos/<int:photo_id>", type="http", auth="user", methods=["GET"])
    def meter_photo(self, photo_id, **_query):
        """Return a photo of one of the customer's own readings or disputes."""
        # sudo: which record it belongs to; that one is found with the customer's rights
        photo = request.env["ir.attachment"].sudo().browse(photo_id).exists()
        if photo.res_model not in WITH_PHOTOS:
            return request.not_found()
        record = self._find_own(photo.res_model, photo.res_id)
        if not record or photo not in record._get_customer_photos().get(record.id, ()):
            return request.not_found()
        return (
            request.env["ir.binary"]
            ._get_stream_from(photo)
            .get_response(as_attachment=False)
        )
