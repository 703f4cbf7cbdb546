# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""A company that keeps its partners in order, to test with."""

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

TODAY = "2026-06-15"
GROUP = "partner_extension.group_partner_extension_"


@tagged("post_install", "-at_install")
class PartnerExtensionCommon(AccountTestInvoicingCommon):
    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.env.ref(f"{GROUP}manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time(f"{TODAY} 10:00:00"))
        cls.company = cls.env.company
        cls.reader, cls.editor, cls.verifier, cls.manager = (
            new_test_user(
                cls.env,
                f"partner_{role}",
                groups=f"base.group_user,{GROUP}{role}",
                company_id=cls.company.id,
                company_ids=cls.company.ids,
            )
            for role in ("reader", "editor", "verifier", "manager")
        )
        cls.employee = new_test_user(
            cls.env,
            "partner_employee",
            groups="base.group_user",
            company_id=cls.company.id,
            company_ids=cls.company.ids,
        )
        cls.partner = cls.env["res.partner"].create(
            {"name": "Paper & Co", "is_company": True, "email": "office@paper.example"}
        )


def paths_to(env, comodel, user):
    """Yield (model, field name, field) of each field that a user may follow there."""
    for model in sorted(env.registry):
        Model = env[model].with_user(user).sudo(False)
        if Model._abstract or Model._transient or not Model.has_access("read"):
            continue
        for name, field in Model._fields.items():
            if (
                field.comodel_name == comodel
                and field.relational
                and field.store
                and Model._has_field_access(field, "read")
            ):
                yield model, name, field
