# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Tax IDs of every country that python-stdnum knows, through a partner of Odoo."""

from pathlib import Path

import stdnum

from odoo.exceptions import ValidationError

from .common import PartnerExtensionCommon

#: A valid number, and the same with one digit changed.
CHECKED = {
    "ar": ("20-05536168-2", "20-05536169-2"),
    "at": ("ATU13585627", "ATU13585628"),
    "au": ("83 914 571 673", "83 914 571 674"),
    "be": ("BE0428759497", "BE0428759498"),
    "bg": ("BG175074752", "BG175074753"),
    "br": ("16.727.230/0001-97", "16.727.230/0001-98"),
    "by": ("200988541", "200988542"),
    "ca": ("123026635", "123026636"),
    "ch": ("CHE-107.787.577 IVA", "CHE-107.787.578 IVA"),
    "cl": ("76086428-5", "76086428-6"),
    "cn": ("91110000600037341L", "91110000600037342L"),
    "co": ("213.123.432-1", "213.123.433-1"),
    "cy": ("CY10259033P", "CY10259034P"),
    "cz": ("CZ25123891", "CZ25123892"),
    "de": ("DE136695976", "DE136695977"),
    "dk": ("DK13585628", "DK13585629"),
    "do": ("1-01-85004-3", "1-01-85004-4"),
    # A person; companies are below.
    "ec": ("1714307103001", "1714317103001"),
    "ee": ("EE100594102", "EE100594103"),
    "es": ("ESB64717838", "ESB64717839"),
    "fi": ("FI20774740", "FI20774741"),
    "fr": ("FR23334175221", "FR23334175222"),
    "gb": ("GB980780684", "GB980780685"),
    "gh": ("C0000803561", "C0000803562"),
    "gn": ("693770885", "693770886"),
    "gr": ("EL094259216", "EL094259217"),
    "gt": ("576937K", "576938K"),
    "hr": ("HR33392005961", "HR33392005962"),
    "hu": ("HU12892312", "HU12892313"),
    "id": ("013121660091000", "013121661091000"),
    "ie": ("IE6433435F", "IE6433436F"),
    "il": ("516179157", "516179158"),
    "in": ("27AAPFU0939F1ZV", "27AAPFU0939F2ZV"),
    "it": ("IT00743110157", "IT00743110158"),
    "jp": ("5835678256246", "5835678256247"),
    "lt": ("LT119511515", "LT119511516"),
    "lu": ("LU15027442", "LU15027443"),
    "lv": ("LV40003521600", "LV40003521601"),
    "mc": ("FR53000004605", "FR53000004606"),
    "me": ("02655284", "02655285"),
    "mk": ("4030000375897", "4030000375898"),
    "mt": ("MT11679112", "MT11679113"),
    "nl": ("NL004495445B01", "NL004495446B01"),
    "no": ("NO995525828MVA", "NO995525829MVA"),
    "nz": ("49091850", "49091851"),
    "pe": ("20512333797", "20512333798"),
    "pl": ("PL8567346215", "PL8567346216"),
    "pt": ("PT501964843", "PT501964844"),
    "py": ("80028061-0", "80028061-1"),
    "ro": ("RO18547290", "RO18547291"),
    "rs": ("101134702", "101134703"),
    "ru": ("123456789047", "123456789048"),
    "se": ("SE123456789701", "SE123456788701"),
    "sg": ("00192200M", "00192201M"),
    "si": ("SI50223054", "SI50223055"),
    "sk": ("SK2022749619", "SK2022749618"),
    "sv": ("0614-050707-104-8", "0614-050707-104-9"),
    "tr": ("4540536920", "4540536921"),
    "tw": ("00501503", "00501504"),
    "uy": ("211003420017", "211003420018"),
    "ve": ("V-11470283-4", "V-11470283-5"),
    "vn": ("0100233488", "0100233489"),
}
#: No check digit, or none that Odoo checks: only the format is. A valid number, the
#: same with one digit changed, which nobody can tell, and one of a wrong format.
FORMAT_ONLY = {
    "ad": ("U-132950-X", "U-132951-X", "U-13295-X"),
    "al": ("J91402501L", "J91402502L", "J9140250L"),
    "cr": ("3101999999", "3101999998", "31019999"),
    "dz": ("416001000000007", "416001000000008", "41600100000000"),
    "eg": ("100-531-385", "100-531-386", "100-531-38"),
    "fo": ("623857", "623858", "62385"),
    "is": ("IS00621", "IS00622", "IS0062"),
    "ke": ("P051365947M", "P051365948M", "P05136594M"),
    "kr": ("116-82-00276", "116-82-00277", "116-82-0027"),
    "mx": ("VACE460910SX6", "VACE460910SX7", "VACE461310SX6"),
    "sm": ("SM24165", "SM24166", "SM2416577"),
    "tn": ("1234567MAE001", "1234568MAE001", "1234567MAE01"),
    # Numbers of companies, of which new ones have no check digit any more.
    "ec": ("1792060346001", "1792060356001", "179206034600"),
    # Odoo asks for the fiscal number; stdnum knows the one of fifteen digits.
    "ma": ("12345678", "12345679", "1234567"),
}
#: Folders of stdnum that are no country.
NO_COUNTRY = {"eu"}


class TestCountries(PartnerExtensionCommon):
    def _create(self, code, vat):
        country = self.env["res.country"].search([("code", "=", code.upper())])
        self.assertTrue(country, code)
        return self.env["res.partner"].create(
            {"name": code, "vat": vat, "country_id": country.id}
        )

    def test_no_country_is_left_out(self):
        root = Path(stdnum.__file__).parent
        known = {
            folder.name.rstrip("_")
            for folder in root.iterdir()
            if len(folder.name.rstrip("_")) == 2
            and stdnum.get_cc_module(folder.name.rstrip("_"), "vat")
        }
        self.assertGreater(len(known), 70)
        self.assertEqual(known - NO_COUNTRY, set(CHECKED) | set(FORMAT_ONLY))

    def test_valid_numbers(self):
        for code, (valid, *_others) in [*CHECKED.items(), *FORMAT_ONLY.items()]:
            with self.subTest(country=code):
                partner = self._create(code, valid)
                self.assertTrue(partner.vat)
                self.assertTrue(partner.vat_normalized)

    def test_one_changed_digit_is_refused(self):
        for code, (valid, wrong) in CHECKED.items():
            with self.subTest(country=code):
                pairs = [(a, b) for a, b in zip(valid, wrong, strict=True) if a != b]
                self.assertEqual(len(pairs), 1)
                self.assertTrue("".join(pairs[0]).isdigit())
                with self.assertRaises(ValidationError):
                    self._create(code, wrong)

    def test_countries_without_a_check_digit(self):
        for code, (_valid, other, wrong) in FORMAT_ONLY.items():
            with self.subTest(country=code):
                self.assertTrue(self._create(code, other).vat)
                with self.assertRaises(ValidationError):
                    self._create(code, wrong)

    def test_kinds_that_stdnum_does_not_know_are_taken(self):
        for code, *numbers in (
            ("ec", "1714307103", "9999999999999"),
            ("hu", "12892312-2-41", "8071592153"),
            ("in", "0717USA00006UN1", "38AAPFU0939F1ZS"),
            ("vn", "079123456789", "0100233488-001"),
        ):
            for number in numbers:
                with self.subTest(country=code, number=number):
                    self.assertTrue(self._create(code, number).vat)
        for code, number in (("hu", "12892313-2-41"), ("vn", "0100233489-001")):
            with self.subTest(country=code), self.assertRaises(ValidationError):
                self._create(code, number)
