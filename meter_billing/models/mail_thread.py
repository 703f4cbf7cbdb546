# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import codecs

from odoo import api, models


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    @api.model
    def message_route(
        self, message, message_dict, model=None, thread_id=None, custom_values=None
    ):
        """Make a delivery of what customers answer, wherever they sent it to."""
        routes = super().message_route(
            message,
            message_dict,
            model=model,
            thread_id=thread_id,
            custom_values=custom_values,
        )
        return self.env["meter.reading.import"]._adapt_mail_routes(
            message, message_dict, routes or []
        )

    @api.model
    def message_process(
        self,
        model,
        message,
        custom_values=None,
        save_original=False,
        strip_attachments=False,
        thread_id=None,
    ):
        """Count the mails that came again: Odoo does not take them a second time."""
        result = super().message_process(
            model,
            message,
            custom_values=custom_values,
            save_original=save_original,
            strip_attachments=strip_attachments,
            thread_id=thread_id,
        )
        if result is False:
            self.env["meter.reading.import"]._note_mail_again(message)
        return result

    def _message_parse_extract_payload(
        self, message, message_dict, save_original=False
    ):
        """Read texts in an unknown encoding as UTF-8: a mail is not lost for it."""
        for part in message.walk():
            charset = part.get_content_charset()
            try:
                codecs.lookup(charset or "utf-8")
            except LookupError:
                part.set_param("charset", "utf-8")
        return super()._message_parse_extract_payload(
            message, message_dict, save_original=save_original
        )
