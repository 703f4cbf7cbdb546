# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import ValidationError
from odoo.tests import Form

from .common import PartnerExtensionCommon

DEFINITION = [
    {"name": "fleet", "string": "Fleet Size", "type": "integer"},
    {"name": "plate", "string": "Number Plate", "type": "char"},
    {"name": "since", "string": "Since", "type": "date"},
    {
        "name": "grade",
        "string": "Grade",
        "type": "selection",
        "selection": [["a", "A"], ["b", "B"]],
    },
    {"name": "marks", "string": "Marks", "type": "tags", "tags": [["x", "X", 1]]},
    {
        "name": "site",
        "string": "Site",
        "type": "many2one",
        "comodel": "res.country",
    },
    {"name": "loyal", "string": "Loyal", "type": "boolean"},
    {"name": "line", "string": "Line", "type": "separator"},
]
FILLED = {
    "fleet": 7,
    "plate": "1-ABC-234",
    "since": "2026-01-31",
    "grade": "a",
    "marks": ["x"],
}


class TestExtraFields(PartnerExtensionCommon):
    """Fields that a manager added on the form are asked for like others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.definition = cls.partner.properties_base_definition_id.with_user(
            cls.manager
        )
        cls.definition.properties_definition = DEFINITION
        cls.Partner = cls.env["res.partner"].with_user(cls.editor)

    def _ask(self, **values):
        values = {"field_name": "properties.plate", "severity": "block", **values}
        return self.env["partner.field.policy"].with_user(self.manager).create(values)

    def test_they_are_offered_by_their_labels(self):
        offered = dict(self.env["partner.field.policy"]._get_field_selection())
        self.assertEqual(offered["properties.plate"], "Number Plate")
        self.assertIn("vat", offered)
        # These are never empty, or hold nothing.
        self.assertNotIn("properties.loyal", offered)
        self.assertNotIn("properties.line", offered)

    def test_saving_and_posting_are_refused_without(self):
        early = self.Partner.create({"name": "Early", "is_customer": True})
        idle = self.Partner.create({"name": "Idle"})
        self._ask(role="customer")
        with self.assertRaisesRegex(ValidationError, "New: Number Plate"):
            self.Partner.create({"name": "New", "is_customer": True})
        partner = self.Partner.create(
            {"name": "New", "is_customer": True, "properties": {"plate": "1-ABC"}}
        )
        with self.assertRaisesRegex(ValidationError, "New: Number Plate"):
            partner.properties = {"plate": False}
        partner.properties = {"plate": "1-DEF"}
        # As a form writes them: all of them, each with what it is.
        entered = [
            {**extra, "value": "1-GHI" if extra["name"] == "plate" else False}
            for extra in DEFINITION
        ]
        partner.properties = entered
        self.assertEqual(partner.properties["plate"], "1-GHI")
        next(e for e in entered if e["name"] == "plate")["value"] = ""
        with self.assertRaisesRegex(ValidationError, "New: Number Plate"):
            partner.properties = entered
        # Who lacked it before is not asked on the way.
        early.phone = "+32 2 555 12 12"
        early.properties = {"fleet": 3}
        with self.assertRaisesRegex(ValidationError, "Idle: Number Plate"):
            idle.is_customer = True
        invoice = self.init_invoice("out_invoice", partner=early, amounts=[10])
        self.assertIn("Number Plate", invoice.partner_missing_warning)
        with self.assertRaisesRegex(ValidationError, "Early: Number Plate"):
            invoice.action_post()

    def test_the_database_judges_as_the_form_does(self):
        for extra in DEFINITION[:5]:
            self._ask(field_name=f"properties.{extra['name']}", severity="note")
        empty = {"fleet": 0, "plate": "", "since": False, "grade": False, "marks": []}
        partners = self.Partner.create(
            [
                {"name": "P", "is_supplier": True, "properties": properties}
                for properties in (
                    {},
                    empty,
                    FILLED,
                    *({name: value} for name, value in FILLED.items()),
                    *({**FILLED, name: value} for name, value in empty.items()),
                )
            ]
        )
        nothing = self.Partner.create({"name": "P", "is_supplier": True})
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_partner SET properties = NULL WHERE id = %s", [nothing.id]
        )
        partners |= nothing
        self.env.invalidate_all()
        shown = {partner: partner.completeness for partner in partners}
        # Seven are asked as usual of a person, none of them is there.
        self.assertEqual(list(shown.values()), [0, 0, 42, *[8] * 5, *[33] * 5, 0])
        for partner, completeness in shown.items():
            self.assertIn(
                partner,
                partners.search(
                    [("id", "in", partners.ids), ("completeness", "=", completeness)]
                ),
            )

    def test_a_record_of_another_kind_is_asked_for(self):
        self._ask(field_name="properties.site")
        country = self.env.ref("base.be")
        with self.assertRaisesRegex(ValidationError, "New: Site"):
            self.Partner.create({"name": "New", "is_customer": True})
        partner = self.Partner.create(
            {
                "name": "New",
                "is_customer": True,
                "properties": {"site": (country.id, country.name)},
            }
        )
        self.assertEqual(partner.properties["site"], country)
        self.assertNotIn("Site", partner.missing_text)

    def test_what_is_missing_is_told_by_its_label(self):
        self._ask(severity="warn")
        partner = self.Partner.create({"name": "New", "is_customer": True})
        self.assertIn("Number Plate", partner.missing_text)
        with Form(partner) as form:
            form.comment = "Asked by phone"
        # Not the partner's own to give: nobody asks it.
        self.assertNotIn("Number Plate", partner._get_askable_labels())

    def test_a_removed_field_is_asked_for_no_more(self):
        policy = self._ask()
        kept = self._ask(field_name="properties.fleet", severity="note")
        archived = self._ask(role="supplier", active=False)
        with self.assertRaises(ValidationError):
            self.Partner.create({"name": "New", "is_customer": True})
        self.definition.properties_definition = DEFINITION[:1]
        self.assertFalse((policy | archived).exists())
        self.assertTrue(kept.exists())
        partner = self.Partner.create({"name": "New", "is_customer": True})
        self.assertIn("Fleet Size", partner.missing_text)
        # Another name for it is told at once.
        self.definition.properties_definition = [
            {**DEFINITION[0], "string": "Machines"}
        ]
        self.env.invalidate_all()
        self.assertIn("Machines", partner.missing_text)
