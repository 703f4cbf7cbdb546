# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError


class PartnerArea(models.Model):
    """A geographic area: a territory of a salesperson, a tour of a technician."""

    _name = "partner.area"
    _description = "Geographic Area"
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="The first area that matches an address is taken."
    )
    company_id = fields.Many2one("res.company")
    country_ids = fields.Many2many("res.country", string="Countries")
    state_ids = fields.Many2many("res.country.state", string="States")
    zips = fields.Char(
        string="Postal Codes",
        help="Beginnings of postal codes or ranges of them, separated by commas: "
        "70, 71000-71999, SW1",
    )
    active = fields.Boolean(default=True)
    partner_ids = fields.One2many("res.partner", "area_id", string="Partners")
    partner_count = fields.Integer(compute="_compute_partner_count")

    @api.depends("partner_ids")
    def _compute_partner_count(self):
        counts = dict(
            self.env["res.partner"]._read_group(
                [("area_id", "in", self.ids)], ["area_id"], ["__count"]
            )
        )
        for area in self:
            area.partner_count = counts.get(area, 0)

    @api.constrains("zips")
    def _check_zips(self):
        for area in self:
            for first, last in self._parse_zips(area.zips):
                if not first or not last or len(first) != len(last) or first > last:
                    raise ValidationError(
                        self.env._(
                            "Postal codes of %(area)s: a range has two codes of the "
                            "same length, the lower one first (%(first)s-%(last)s).",
                            area=area.name,
                            first=first,
                            last=last,
                        )
                    )

    @api.model_create_multi
    def create(self, vals_list):
        areas = super().create(vals_list)
        self.env.registry.clear_cache()
        return areas

    def write(self, vals):
        done = super().write(vals)
        self.env.registry.clear_cache()
        return done

    def unlink(self):
        done = super().unlink()
        self.env.registry.clear_cache()
        return done

    @api.model
    def _parse_zips(self, zips):
        """Return pairs of first and last beginning of a postal code."""
        parts = (part.strip().upper() for part in (zips or "").split(","))
        pairs = (part.partition("-") for part in parts if part)
        return [
            (first.strip(), (last if dash else first).strip())
            for first, dash, last in pairs
        ]

    @api.model
    @tools.ormcache()
    def _get_rules(self):
        """Return what each area matches, the first to be asked first."""
        areas = self.with_context(active_test=True).search([])
        return tuple(
            (
                area.id,
                area.company_id.id,
                frozenset(area.country_ids.ids),
                frozenset(area.state_ids.ids),
                tuple(self._parse_zips(area.zips)),
            )
            for area in areas
            if area.country_ids or area.state_ids or area.zips
        )

    @api.model
    def _match(self, rules, country_id, state_id, code, company_id):
        """Return the id of the first area that an address lies in, or False.

        An area matches where each of what it names does: one of its countries, one
        of its states, one of its postal codes.
        """
        code = (code or "").strip().upper()
        for area_id, area_company_id, countries, states, zips in rules:
            if (
                area_company_id in (False, company_id)
                and (not countries or country_id in countries)
                and (not states or state_id in states)
                and (
                    not zips
                    or any(first <= code[: len(first)] <= last for first, last in zips)
                )
            ):
                return area_id
        return False

    def action_assign(self):
        """Put all partners into the areas that their addresses lie in.

        What is in an area that no rule would choose stays there.
        """
        self.check_access("write")
        Partner = self.env["res.partner"]
        partners = Partner.search([])
        self.env.add_to_compute(Partner._fields["area_id"], partners)
        partners.flush_recordset(["area_id"])

    def action_open_partners(self):
        """Show the partners of the area."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "base.action_partner_form"
        )
        return dict(action, domain=[("area_id", "in", self.ids)], context={})
