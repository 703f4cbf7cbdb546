# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Check digits of tax IDs where Odoo looks at the format alone.

Odoo does so in these countries since it takes more kinds of numbers there than
python-stdnum knows. The kinds that have a known check digit are checked by it.
"""

import string

from stdnum import luhn
from stdnum.ec import ci
from stdnum.hu import anum
from stdnum.util import clean
from stdnum.vn import mst

from odoo import models

#: What the check digit of an Indian number may be.
GSTIN_ALPHABET = string.digits + string.ascii_uppercase
#: What documents in Ecuador say for “final consumer”.
FINAL_CONSUMER = "9999999999999"


class ResPartner(models.Model):
    _inherit = "res.partner"

    def check_vat_hu(self, vat):
        """Check companies by their first eight digits; persons have a number of ten."""
        if not super().check_vat_hu(vat):
            return False
        number = anum.compact(vat)
        is_person = len(number) == 10 and number.isdigit()
        return is_person or anum.is_valid(number[:8])

    def check_vat_ec(self, vat):
        """Check persons, whose number begins with that of their identity card.

        Those of companies (third digit 6 and more) are given without regard to the
        check digit.
        """
        if not super().check_vat_ec(vat):
            return False
        number = clean(vat, " -.")
        return number == FINAL_CONSUMER or number[2] >= "6" or ci.is_valid(number[:10])

    def check_vat_in(self, vat):
        """Check the numbers of the usual kind, by the letter Z before the last one."""
        if not super().check_vat_in(vat):
            return False
        number = vat.upper()
        return number[13] != "Z" or luhn.is_valid(number, GSTIN_ALPHABET)

    def check_vat_vn(self, vat):
        """Check businesses and their branches; citizens have a number of twelve."""
        if not super().check_vat_vn(vat):
            return False
        return len(clean(vat, " -.")) == 12 or mst.is_valid(vat)
