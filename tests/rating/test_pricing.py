# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The four pricing models, up to and over every boundary."""

from decimal import Decimal as D

import pytest
from rating import Graduated, Package, PerUnit, Tier, Volume
from rating_builders import bill, black, month, terms

TIERS = (
    Tier(D(100), D("0.10"), D(5)),
    Tier(D(500), D("0.08"), D(3)),
    Tier(None, D("0.05"), D(1)),
)


@pytest.mark.parametrize(
    ("pages", "lines"),
    [
        (0, ["tier 1: 0 x 0.10 = 0.00"]),
        (1, ["tier 1: 1 x 0.10 = 0.10", "flat 1: 1 x 5 = 5.00"]),
        (100, ["tier 1: 100 x 0.10 = 10.00", "flat 1: 1 x 5 = 5.00"]),
        (
            101,
            [
                "tier 1: 100 x 0.10 = 10.00",
                "flat 1: 1 x 5 = 5.00",
                "tier 2: 1 x 0.08 = 0.08",
                "flat 2: 1 x 3 = 3.00",
            ],
        ),
        (
            600,
            [
                "tier 1: 100 x 0.10 = 10.00",
                "flat 1: 1 x 5 = 5.00",
                "tier 2: 400 x 0.08 = 32.00",
                "flat 2: 1 x 3 = 3.00",
                "tier 3: 100 x 0.05 = 5.00",
                "flat 3: 1 x 1 = 1.00",
            ],
        ),
    ],
)
def test_graduated(pages, lines):
    assert bill(black(Graduated(TIERS)), month(0, pages)) == [lines]


@pytest.mark.parametrize(
    ("pages", "lines"),
    [
        (0, ["tier 1: 0 x 0.10 = 0.00"]),
        (100, ["tier 1: 100 x 0.10 = 10.00", "flat 1: 1 x 5 = 5.00"]),
        (101, ["tier 2: 101 x 0.08 = 8.08", "flat 2: 1 x 3 = 3.00"]),
        (500, ["tier 2: 500 x 0.08 = 40.00", "flat 2: 1 x 3 = 3.00"]),
        (501, ["tier 3: 501 x 0.05 = 25.05", "flat 3: 1 x 1 = 1.00"]),
    ],
)
def test_volume(pages, lines):
    assert bill(black(Volume(TIERS)), month(0, pages)) == [lines]


def test_tiers_without_flat_have_no_flat_line():
    tiers = (Tier(D(100), D("0.10")), Tier(None, D("0.05")))
    assert bill(black(Graduated(tiers)), month(0, 150)) == [
        ["tier 1: 100 x 0.10 = 10.00", "tier 2: 50 x 0.05 = 2.50"]
    ]


@pytest.mark.parametrize(
    ("pages", "line"),
    [
        (0, "package: 0 x 9.50 = 0.00"),
        (1, "package: 1 x 9.50 = 9.50"),
        (1000, "package: 1 x 9.50 = 9.50"),
        (1001, "package: 2 x 9.50 = 19.00"),
    ],
)
def test_package(pages, line):
    assert bill(black(Package(D(1000), D("9.50"))), month(0, pages)) == [[line]]


def test_each_line_is_rounded_half_up():
    lines = bill(black(PerUnit(D("0.005"))), month(0, 1), month(1, -1), month(2, 3))
    assert lines == [
        ["usage: 1 x 0.005 = 0.01"],
        ["usage: -1 x 0.005 = -0.01"],
        ["usage: 3 x 0.005 = 0.02"],
    ]


def test_rounding_is_the_currency_s():
    yen = terms(black(PerUnit(D("1.25"))), rounding=D(1))
    assert bill(yen, month(0, 2)) == [["usage: 2 x 1.25 = 3"]]
    rappen = terms(black(PerUnit(D("0.01"))), rounding=D("0.05"))
    assert bill(rappen, month(0, 12), month(1, 13)) == [
        ["usage: 12 x 0.01 = 0.10"],
        ["usage: 13 x 0.01 = 0.15"],
    ]


def test_tiers_of_each_device_share_a_line():
    # A: 100 + 50, B: 80 in the first tier only; flats by count.
    assert bill(black(Graduated(TIERS), pool="device"), month(0, 150, 80)) == [
        [
            "tier 1: 180 x 0.10 = 18.00",
            "flat 1: 2 x 5 = 10.00",
            "tier 2: 50 x 0.08 = 4.00",
            "flat 2: 1 x 3 = 3.00",
        ]
    ]


def test_volume_of_each_device():
    assert bill(black(Volume(TIERS), pool="device"), month(0, 60, 70, 200)) == [
        [
            "tier 1: 130 x 0.10 = 13.00",
            "flat 1: 2 x 5 = 10.00",
            "tier 2: 200 x 0.08 = 16.00",
            "flat 2: 1 x 3 = 3.00",
        ]
    ]


def test_packages_of_each_device():
    package = Package(D(1000), D("9.50"))
    assert bill(black(package), month(0, 400, 500)) == [["package: 1 x 9.50 = 9.50"]]
    assert bill(black(package, pool="device"), month(0, 400, 500)) == [
        ["package: 2 x 9.50 = 19.00"]
    ]


def test_due_charge_without_devices_leaves_its_line():
    assert bill(black(), month(0)) == [["usage: 0 x 0.01 = 0.00"]]
    assert bill(black(pool="device"), month(0)) == [["usage: 0 x 0.01 = 0.00"]]
    assert bill(black(Graduated(TIERS), pool="device"), month(0, 0, 0)) == [
        ["tier 1: 0 x 0.10 = 0.00"]
    ]
