# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from .common import PartnerExtensionCommon


class TestData(PartnerExtensionCommon):
    """Who looks after a partner, what it supplies, where it is."""

    def test_responsible_falls_back(self):
        contact = self.env["res.partner"].create(
            {"name": "Ann", "parent_id": self.partner.id}
        )
        self.assertFalse(contact._get_responsible())
        self.partner.user_id = self.reader
        self.assertEqual(contact._get_responsible(), self.reader)
        self.partner.responsible_id = self.editor
        self.assertEqual(contact._get_responsible(), self.editor)
        contact.responsible_id = self.verifier
        self.assertEqual(contact._get_responsible(), self.verifier)
        self.verifier.active = False
        self.assertEqual(contact._get_responsible(), self.editor)

    def test_supplier_categories_are_a_tree_that_is_searched(self):
        Category = self.env["partner.supplier.category"].with_user(self.manager)
        supplies = Category.create({"name": "Supplies X"})
        toner = Category.create({"name": "Toner", "parent_id": supplies.id})
        self.assertEqual(toner.display_name, "Supplies X / Toner")
        self.partner.supplier_category_ids = toner
        self.assertEqual(
            self.env["res.partner"].search(
                [("supplier_category_ids", "child_of", supplies.id)]
            ),
            self.partner,
        )
        with self.assertRaises(AccessError):
            Category.with_user(self.editor).create({"name": "Mine"})

    def test_area_follows_the_address(self):
        germany, austria = self.env.ref("base.de"), self.env.ref("base.at")
        Area = self.env["partner.area"].with_user(self.manager)
        south, west, alps = Area.create(
            [
                {
                    "name": "South",
                    "country_ids": germany.ids,
                    "zips": "70, 71000-71999",
                    "sequence": 1,
                },
                {"name": "West", "country_ids": germany.ids, "zips": "4-5"},
                {"name": "Alps", "country_ids": austria.ids},
            ]
        )
        partner = self.partner
        for country, code, area in (
            (germany, "70173", south),
            (germany, "71034", south),
            (germany, "72001", Area),
            (germany, "40210", west),
            (germany, "59999", west),
            (germany, "60001", Area),
            (germany, False, Area),
            (austria, "70173", alps),
        ):
            with self.subTest(country=country.code, code=code):
                partner.area_id = False
                partner.write({"country_id": country.id, "zip": code})
                self.assertEqual(partner.area_id, area)

    def test_area_chosen_by_hand_stays_where_no_rule_knows_better(self):
        Area = self.env["partner.area"].with_user(self.manager)
        tour = Area.create({"name": "Tour 7"})
        self.partner.area_id = tour
        self.partner.zip = "99999"
        self.assertEqual(self.partner.area_id, tour)

    def test_new_rules_are_applied_on_demand(self):
        france = self.env.ref("base.fr")
        self.partner.country_id = france
        self.env.flush_all()
        area = (
            self.env["partner.area"]
            .with_user(self.manager)
            .create({"name": "France", "country_ids": france.ids})
        )
        self.assertFalse(self.partner.area_id)
        area.with_user(self.manager).action_assign()
        self.assertEqual(self.partner.area_id, area)
        self.assertGreaterEqual(area.partner_count, 1)
        with self.assertRaises(AccessError):
            area.with_user(self.editor).action_assign()

    def test_ranges_of_postal_codes_are_checked(self):
        for zips in ("71-7", "72-71", "71-"):
            with self.subTest(zips=zips), self.assertRaises(ValidationError):
                self.env["partner.area"].sudo().create({"name": "X", "zips": zips})

    def test_area_of_another_company_does_not_match(self):
        other = self.env["res.company"].create({"name": "Other"})
        spain = self.env.ref("base.es")
        area = (
            self.env["partner.area"]
            .sudo()
            .create({"name": "Spain", "country_ids": spain.ids, "company_id": other.id})
        )
        self.partner.country_id = spain
        self.assertFalse(self.partner.area_id)
        self.assertFalse(
            self.env["partner.area"]
            .with_user(self.manager)
            .search([("id", "=", area.id)])
        )

    def test_extra_fields_are_added_without_code(self):
        """A manager adds a field; who edits partners fills it in; it is searched."""
        definition = self.partner.properties_base_definition_id
        definition.with_user(self.manager).properties_definition = [
            {"name": "fleet_size", "type": "integer", "string": "Fleet Size"}
        ]
        partner = self.partner.with_user(self.editor)
        partner.properties = {"fleet_size": 40}
        self.assertEqual(partner.properties["fleet_size"], 40)
        self.assertIn(
            partner,
            partner.search([("properties.fleet_size", "=", 40)]),
        )
        with self.assertRaises(AccessError):
            definition.with_user(self.editor).properties_definition = []

    def test_extra_fields_are_added_on_the_form(self):
        """As the browser sends it: the definition comes with the partner's values."""
        added = {
            "name": "tour",
            "type": "char",
            "string": "Tour",
            "value": "North",
            "definition_changed": True,
        }
        with self.assertRaises(AccessError):
            self.partner.with_user(self.editor).properties = [dict(added)]
            self.env.flush_all()
        self.env.invalidate_all()
        self.partner.with_user(self.manager).properties = [dict(added)]
        self.assertEqual(self.partner.properties["tour"], "North")
        other = self.env["res.partner"].create({"name": "Other"})
        self.assertIn("tour", other.properties)
        Definition = self.env["properties.base.definition"]
        self.assertEqual(
            Definition.with_user(self.manager).search([]),
            self.partner.properties_base_definition_id,
        )

    def test_form_keeps_them(self):
        with Form(self.partner.with_user(self.editor)) as form:
            form.is_supplier = True
            form.responsible_id = self.reader
        self.assertEqual(self.partner.responsible_id, self.reader)
