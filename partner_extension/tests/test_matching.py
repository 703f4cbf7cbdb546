# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
from odoo.tests import BaseCase, tagged

from ..matching import compare_addresses, compare_names, fold


@tagged("post_install", "-at_install")
class TestMatching(BaseCase):
    """Registries write differently; only another company or place is a difference."""

    def test_fold(self):
        self.assertEqual(fold("Société  Générale S.A."), "societe generale sa")
        self.assertEqual(fold("Łódź Straße Ø"), "lodz strasse o")
        self.assertEqual(fold("O'Neill & Sons, Ltd."), "oneill sons ltd")
        self.assertEqual(fold(None), "")

    def test_names(self):
        for ours, theirs, result in (
            ("Papier & Co BV", "BV PAPIER & CO", "same"),
            ("Müller GmbH", "MULLER GESELLSCHAFT", "same"),
            ("S.A. Dupont", "DUPONT SA", "same"),
            ("Dupont", "DUPONT LOGISTICS SA", "similar"),
            ("Kopierzentrum Nord GmbH", "KOPIERZENTRUM NORT GMBH", "similar"),
            ("Alpha Trading", "LEGAL NAME SA||ALPHA TRADING", "same"),
            ("Alpha Trading", "BETA SERVICES SA", "different"),
            ("Toner Nord GmbH", "Toner Süd GmbH", "different"),
            ("Al SA", "Al Hamra Printing SA", "different"),
            ("Papier BV", "---", "unknown"),
            ("Papier BV", None, "unknown"),
            ("Alpha", "ΑΛΦΑ ΑΕ", "unknown"),
            ("BV", "NV", "different"),
        ):
            self.assertEqual(compare_names(ours, theirs), result, (ours, theirs))

    def test_addresses(self):
        for ours, theirs, result in (
            (
                ("Stationsstraat 12", "9000", "Gent"),
                "STATIONSSTRAAT 12\n9000 GENT",
                "same",
            ),
            (
                ("Hauptstraße 5", "20457", "Hamburg"),
                "Hauptstr. 5, 20457 HAMBURG",
                "same",
            ),
            (
                ("12, av. Louise", "1050", "Ixelles"),
                "AVENUE LOUISE 12 1050 IXELLES",
                "same",
            ),
            (
                ("Ulica Długa 3", "00-238", "Warszawa"),
                "DLUGA 3\n00-238 WARSZAWA",
                "similar",
            ),
            (
                ("Hauptstr. 5", "20457", "Hamburg"),
                "Am Kai 9, 20457 Hamburg",
                "different",
            ),
            (
                ("Rue Neuve 1", "1000", "Bruxelles"),
                "Rue Neuve 1, 4000 Liège",
                "different",
            ),
            (("Hauptstr. 5", False, "Hamburg"), "Hauptstr. 5 20457 Hamburg", "same"),
            (("Hauptstr. 5", "20457", "Hamburg"), None, "unknown"),
            ((False, False, False), "Hauptstr. 5", "unknown"),
            (("Odos 3", "10431", "Athina"), "ΟΔΟΣ ΑΘΗΝΑ", "unknown"),
        ):
            self.assertEqual(compare_addresses(*ours, theirs), result, (ours, theirs))
