# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The engine's steps in the reader's words: a label and a number a row."""

from fractions import Fraction

from odoo import models
from odoo.tools import format_date, formatLang

from ..tools import format_exact


class MeterStatementCharge(models.Model):
    _inherit = "meter.statement.charge"

    def _explain_sections(self):
        """Return ``[{title, rows}]``, each row a dict of label, value and is_total.

        One method a kind of step: ``_explain_<kind>(numbers)``.
        """
        self.ensure_one()
        sections = {}
        for kind, numbers in self._get_explanation_steps():
            if kind == "meters":  # shown with the readings
                continue
            rows = getattr(self, f"_explain_{kind}")(numbers)
            key = kind, numbers.get("place")
            section = sections.setdefault(
                key, {"title": self._title_step(kind, numbers), "rows": []}
            )
            section["rows"] += rows
        return list(sections.values())

    def _title_step(self, kind, numbers):
        _ = self.env._
        title = {
            "usage": _("Pages"),
            "allowance": _("Included pages"),
            "price": _("Price"),
            "minimum": _("Minimum"),
            "prepaid": _("Prepaid pages"),
            "fixed": _("Fixed amount"),
            "limit": _("Minimum amount")
            if numbers.get("kind") == "minimum"
            else _("Maximum amount"),
            "line": _("On the invoice"),
        }[kind]
        if "place" in numbers:
            title += " · " + self._say_place(numbers["place"])
        return title

    # === Pages === #

    def _explain_usage(self, numbers):
        _ = self.env._
        rows = []
        if Fraction(numbers["waited"]):
            rows = [
                self._row(_("Of this period"), self._say(numbers["pages"])),
                self._row(
                    _("Of earlier periods, charged now"), self._say(numbers["waited"])
                ),
            ]
        total = self._say(numbers["total"])
        return [*rows, self._row(_("Pages, weighted"), total, is_total=True)]

    def _explain_allowance(self, numbers):
        _ = self.env._
        rows = [
            self._row(
                _(
                    "Carried over from the period to %(date)s",
                    date=self._say_period(index),
                ),
                self._say(left),
            )
            for index, left in numbers["before"]
        ]
        rows.append(
            self._row(
                self._times_share(_("Included"), numbers["included"], numbers["share"]),
                self._say(numbers["granted"]),
            )
        )
        rows.append(self._row(_("Used, the oldest first"), self._say(numbers["used"])))
        rows += self._explain_kept(
            numbers["after"],
            lost=_sum(numbers["before"])
            + Fraction(numbers["granted"])
            - Fraction(numbers["used"]),
            kept_label=_("Left for later, from the period to %(date)s"),
            lost_label=_("Not used and not carried on"),
        )
        return rows

    def _explain_kept(self, after, lost, kept_label, lost_label):
        rows = [
            self._row(kept_label % {"date": self._say_period(index)}, self._say(left))
            for index, left in after
        ]
        lost -= _sum(after)
        if lost > 0:
            rows.append(self._row(lost_label, self._say(lost)))
        return rows

    def _explain_price(self, numbers):
        _ = self.env._
        quantity, price = self._say(numbers["quantity"]), self._say_price(numbers)
        limits = {
            "tier": numbers.get("tier"),
            "above": self._say(Fraction(numbers.get("above") or 0) + 1),
            "up_to": self._say(numbers.get("up_to") or 0),
            "pages": quantity,
            "price": price,
        }
        kind = numbers["kind"]
        if kind == "package":
            label = _(
                "%(pages)s pages to bill: %(quantity)s started packages of %(size)s × "
                "%(price)s",
                pages=self._say(numbers["pages"]),
                quantity=quantity,
                size=self._say(numbers["size"]),
                price=price,
            )
        elif kind == "flat":
            label = _("Tier %(tier)s, flat fee", **limits)
        elif kind == "usage":
            label = _("%(pages)s pages to bill × %(price)s", **limits)
        elif numbers["up_to"]:
            label = _(
                "Tier %(tier)s, page %(above)s to %(up_to)s: %(pages)s × %(price)s",
                **limits,
            )
        else:
            label = _(
                "Tier %(tier)s, from page %(above)s on: %(pages)s × %(price)s", **limits
            )
        return [self._row(label, self._say_product(numbers))]

    def _explain_minimum(self, numbers):
        _ = self.env._
        price = self._say_price(numbers)
        rows = [
            self._row(
                self._times_share(_("Minimum"), numbers["quantity"], numbers["share"]),
                self._say(numbers["paid_for"]),
            ),
            self._row(_("Pages, before allowances"), self._say(numbers["usage"])),
        ]
        rows += [
            self._row(
                _(
                    "Shortfall paid for in the period to %(date)s",
                    date=self._say_period(index),
                ),
                self._say(left),
            )
            for index, left in numbers["before"]
        ]
        for name, label in (
            ("shortfall", _("Short of the minimum: %(pages)s pages × %(price)s")),
            ("taken_back", _("Above the minimum, given back: %(pages)s × %(price)s")),
        ):
            pages = Fraction(numbers[name])
            if pages:
                sign = 1 if name == "shortfall" else -1
                rows.append(
                    self._row(
                        label % {"pages": self._say(pages), "price": price},
                        self._say_money(sign * pages * Fraction(numbers["price"])),
                    )
                )
        rows += [
            self._row(
                _(
                    "Later pages can still take back, of the period to %(date)s",
                    date=self._say_period(index),
                ),
                self._say(left),
            )
            for index, left in numbers["after"]
        ]
        return rows

    def _explain_prepaid(self, numbers):
        _ = self.env._
        bought, block = Fraction(numbers["bought"]), Fraction(numbers["block"])
        billable = Fraction(numbers["billable"])
        rows = [self._row(_("Pages to cover"), self._say(billable))]
        rows += [
            self._row(
                _("Had from the period to %(date)s", date=self._say_period(index)),
                self._say(left),
            )
            for index, left in numbers["before"]
        ]
        if Fraction(numbers["covered"]):
            rows.append(
                self._row(
                    _("Used of them, the oldest first"), self._say(numbers["covered"])
                )
            )
        if bought:
            label = _(
                "Bought: %(count)s × %(block)s pages × %(price)s",
                count=self._say(bought / block),
                block=self._say(block),
                price=self._say_price(numbers),
            )
            amount = bought * Fraction(numbers["price"])
            rows.append(self._row(label, self._say_money(amount)))
        rows += self._explain_kept(
            numbers["after"],
            lost=_sum(numbers["before"]) + bought - billable,
            kept_label=_("Left for later, from the period to %(date)s"),
            lost_label=_("Expired"),
        )
        return rows

    # === Amounts === #

    def _explain_fixed(self, numbers):
        _ = self.env._
        waiting, ahead = Fraction(numbers["open"]), Fraction(numbers["ahead"])
        rows = []
        if "places" in numbers:
            whole = [share for _key, share in numbers["places"] if share == "1"]
            if whole:
                rows.append(
                    self._row(_("Devices for this period"), self._say(len(whole)))
                )
            rows += [
                self._row(self._say_place(key), self._say_share(share))
                for key, share in numbers["places"]
                if share != "1"
            ]
        else:
            rows.append(
                self._row(_("This period"), self._say_share(numbers["in_force"]))
            )
        if waiting > 0:
            label = _("Earlier periods, charged now")
            rows.append(self._row(label, self._say_share(waiting)))
        elif waiting < 0:
            label = _("Paid for in advance already")
            rows.append(self._row(label, self._say_share(waiting)))
        if ahead:
            rows.append(self._row(_("In advance"), self._say_share(ahead)))
        label = _(
            "%(count)s × %(price)s",
            count=self._say_share(numbers["quantity"]),
            price=self._say_price(numbers),
        )
        rows.append(self._row(label, self._say_product(numbers), is_total=True))
        return rows

    def _explain_limit(self, numbers):
        _ = self.env._
        names = dict(
            (code, self.env["meter.contract.charge"].browse(int(code)).name)
            for code, _amount in numbers["charged"]
        )
        is_minimum = numbers["kind"] == "minimum"
        rows = [
            self._row(
                _("At least") if is_minimum else _("At most"),
                self._say_money(Fraction(numbers["limit"])),
            )
        ]
        if numbers["share"] != "1":
            rows[0]["label"] += " ({} × {})".format(
                self._say_money(Fraction(numbers["price"])),
                self._say_share(numbers["share"]),
            )
        rows += [
            self._row(names[code], self._say_money(Fraction(amount)))
            for code, amount in numbers["charged"]
        ]
        if Fraction(numbers["waited"]):
            waited = self._say_money(Fraction(numbers["waited"]))
            rows.append(self._row(_("Charged in earlier periods"), waited))
        rows.append(
            self._row(
                _("Missing to the minimum") if is_minimum else _("Above the maximum"),
                self._say_money(Fraction(numbers["amount"])),
                is_total=True,
            )
        )
        return rows

    def _explain_line(self, numbers):
        """The invoice lines of the charge; the one that is explained stands out."""
        amount, exact = Fraction(numbers["amount"]), _product(numbers)
        label = "{} × {}".format(
            self._say(numbers["quantity"]), self._say_price(numbers)
        )
        if exact != amount:
            label = self.env._(
                "%(product)s = %(exact)s, rounded",
                product=label,
                exact=self._say_money(exact),
            )
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        title = kinds[numbers["kind"]]
        if numbers["tier"]:
            title += f" {numbers['tier']}"
        is_this = (
            numbers["kind"] == self.kind and int(numbers["tier"] or 0) == self.tier
        )
        return [
            self._row(f"{title}: {label}", self._say_money(amount), is_total=is_this)
        ]

    # === Numbers in words === #

    def _row(self, label, value, is_total=False):
        return {"label": label, "value": value, "is_total": is_total}

    def _say(self, number):
        """Return an exact number (text or Fraction) as the reader writes it."""
        return format_exact(self.env, float(Fraction(number)))

    def _say_share(self, share):
        """Return a number of periods: 2, or 16/31 where it is a part of one."""
        share = Fraction(share)
        return self._say(share) if share.denominator == 1 else str(share)

    def _say_price(self, numbers):
        return format_exact(self.env, float(Fraction(numbers["price"])), min_digits=2)

    def _say_product(self, numbers):
        return self._say_money(_product(numbers))

    def _say_money(self, amount):
        """Return an exact amount with the decimals that it has, and the currency."""
        amount = Fraction(amount)
        currency = self.currency_id
        if amount == Fraction(round(amount, currency.decimal_places)):
            return formatLang(self.env, float(amount), currency_obj=currency)
        return format_exact(self.env, float(amount), min_digits=2)

    def _say_period(self, index):
        """Return the last day of the contract's period of that number."""
        return format_date(self.env, self.contract_id._get_period_end(index))

    def _say_place(self, key):
        """Return the serial numbers of the devices that stood in a place."""
        lines = self.statement_id.line_ids.filtered(
            lambda line: (
                str(line.assignment_id.place_id.id) == key
                and line.period_end == self.period_end
            )
        )
        place = self.env["meter.contract.device"].browse(int(key))
        devices = lines.device_id or place.device_id
        return ", ".join(devices.mapped("serial_number"))

    def _times_share(self, label, number, share):
        if Fraction(share) == 1:
            return label
        return f"{label} ({self._say(number)} × {self._say_share(share)})"


def _sum(lots):
    return sum((Fraction(left) for _index, left in lots), Fraction(0))


def _product(numbers):
    return Fraction(numbers["quantity"]) * Fraction(numbers["price"])
