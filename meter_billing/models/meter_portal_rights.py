# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What customers may see of their own records: what is named here, and nothing else.

Which records are theirs is up to the record rules. Of these they read the fields that
are named; a field that is added later is the dealer's own until it is named as well.
"""

from odoo import api, models
from odoo.exceptions import AccessError

#: Of every model: what identifies a record.
ALWAYS = {"id", "display_name"}


class MeterPortalMixin(models.AbstractModel):
    """Records that customers see a part of."""

    _name = "meter.portal.mixin"
    _description = "Seen by Customers"

    _portal_fields = frozenset()
    #: Whether customers read and follow what is written below a record.
    _portal_messages = False

    @api.model
    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            self.env.su
            or not self.env.user._is_portal()
            or (
                operation == "read"
                and (field.name in ALWAYS or field.name in self._portal_fields)
            )
        )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """Keep what users write below a record among those who may change it."""
        if not self._portal_messages and self.env.user._is_portal():
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)


class MeterPortalThread(models.AbstractModel):
    """Records with messages of which customers see a part.

    Odoo lets users of the portal follow what they may read, and followers get by mail
    what colleagues write below it. Whoever may read and post may notify anybody, under
    any name. Customers post on the portal's page alone, which does it with all rights
    after it has checked theirs.
    """

    _name = "meter.portal.thread"
    _description = "Seen by Customers, with Messages"
    _inherit = ["mail.thread", "meter.portal.mixin"]

    def _refuse_customers(self, partner_ids=None):
        """Refuse calls of the portal's users.

        :param partner_ids: whom it is about, where customers may do it for themselves
        """
        user = self.env.user
        if self.env.su or not user.share:
            return
        if self._portal_messages and partner_ids == user.partner_id.ids:
            return
        raise AccessError(self.env._("Write to us on the page of the record."))

    def message_subscribe(self, partner_ids=None, subtype_ids=None):
        """Let partners follow; customers only where they read what is written."""
        self._refuse_customers(partner_ids)
        return super().message_subscribe(partner_ids, subtype_ids)

    def message_unsubscribe(self, partner_ids=None):
        """Let partners follow no more."""
        self._refuse_customers(partner_ids)
        return super().message_unsubscribe(partner_ids)

    def message_post(self, **values):
        """Post a message; customers do so on the portal's page."""
        self._refuse_customers()
        return super().message_post(**values)

    def message_notify(self, **values):
        """Notify partners; customers notify nobody."""
        self._refuse_customers()
        return super().message_notify(**values)

    def message_post_with_source(self, source_ref, **values):
        """Post what a template renders; customers render none."""
        self._refuse_customers()
        return super().message_post_with_source(source_ref, **values)

    def message_mail_with_source(self, source_ref, **values):
        """Mail what a template renders; customers render none."""
        self._refuse_customers()
        return super().message_mail_with_source(source_ref, **values)


class MeterDevice(models.Model):
    _name = "meter.device"
    _inherit = ["meter.portal.thread", "meter.device"]

    _portal_fields = frozenset(
        {
            "serial_number",
            "asset_tag",
            "model_id",
            "company_id",
            "partner_id",
            "location_id",
            "commercial_partner_id",
            "place",
            "install_date",
            "removal_date",
            "state",
            "active",
            "meter_ids",
        }
    )

    def _compute_display_name(self):
        # sudo: the name of the model is in it
        return super(MeterDevice, self.sudo())._compute_display_name()


class MeterMeter(models.Model):
    _name = "meter.meter"
    _inherit = ["meter.meter", "meter.portal.mixin"]

    _portal_fields = frozenset({"device_id", "type_id", "type_sequence", "company_id"})

    def _compute_display_name(self):
        # sudo: the name of the type is in it
        return super(MeterMeter, self.sudo())._compute_display_name()


class MeterReading(models.Model):
    _name = "meter.reading"
    _inherit = ["meter.reading", "meter.portal.mixin"]

    _portal_fields = frozenset(
        {
            "meter_id",
            "type_id",
            "device_id",
            "company_id",
            "partner_id",
            "read_at",
            "date",
            "value",
            "kind",
            "source",
            "estimate_method",
            "state",
            "supersedes_id",
        }
    )

    def _compute_display_name(self):
        # sudo: a reading is named by its device, also where that has gone on elsewhere
        return super(MeterReading, self.sudo())._compute_display_name()


class MeterContract(models.Model):
    _name = "meter.contract"
    _inherit = ["meter.portal.thread", "meter.contract"]

    _portal_fields = frozenset(
        {
            "name",
            "description",
            "company_id",
            "partner_id",
            "commercial_partner_id",
            "state",
            "active",
            "date_start",
            "date_end",
            "period_months",
            "next_period_start",
            "next_period_end",
            "currency_id",
        }
    )


class MeterStatement(models.Model):
    _name = "meter.statement"
    _inherit = ["meter.portal.thread", "meter.statement"]

    _portal_fields = frozenset(
        {
            "name",
            "contract_id",
            "company_id",
            "partner_id",
            "currency_id",
            "kind",
            "date_from",
            "date_to",
            "state",
            "line_ids",
            "charge_ids",
            "amount_total",
            "page_count",
            "has_estimates",
        }
    )


class MeterStatementLine(models.Model):
    _name = "meter.statement.line"
    _inherit = ["meter.statement.line", "meter.portal.mixin"]

    _portal_fields = frozenset(
        {
            "statement_id",
            "company_id",
            "partner_id",
            "currency_id",
            "contract_id",
            "state",
            "period_end",
            "corrected_statement_id",
            "sequence",
            "device_id",
            "serial_number",
            "model_id",
            "meter_id",
            "type_id",
            "charge_id",
            "date_from",
            "start_value",
            "date_to",
            "end_value",
            "is_estimated",
            "estimate_method",
            "pages",
            "quantity",
            "included",
            "billable",
            "price_unit",
            "amount",
        }
    )

    def _compute_display_name(self):
        # sudo: as for readings
        return super(MeterStatementLine, self.sudo())._compute_display_name()


class MeterStatementCharge(models.Model):
    _name = "meter.statement.charge"
    _inherit = ["meter.statement.charge", "meter.portal.mixin"]

    _portal_fields = frozenset(
        {
            "statement_id",
            "company_id",
            "currency_id",
            "contract_id",
            "period_start",
            "period_end",
            "corrected_statement_id",
            "sequence",
            "charge_id",
            "kind",
            "tier",
            "partner_id",
            "used",
            "included",
            "quantity",
            "price_unit",
            "amount",
        }
    )
