# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Counters that devices write of themselves, as the makers lay them out."""

import pytest
from counter_mail import (
    complete,
    decode,
    find_role,
    read_markup,
    read_report,
    to_text,
)

KONICA_MINOLTA = """
[Model Name],bizhub C258
[Serial Number],A7R0021012345
[Send Date],11/09/2024
[Total Counter],139102
[Total Color Counter],30001
[Total Black Counter],109101
[Total Scan/Fax Counter],14858
"""
SHARP = """
DEVICE NAME: Front office
DEVICE MODEL: SHARP MX-3071
SERIAL NUMBER: 95012345
MACHINE CODE: 1

Current device counter information:
Copy Count = 1200
Print Count = 5400
Total Count = 6600
"""
SHARP_COLOUR = """
Serial Number: 95012346
Black & White Total Count: 12,345
Full Color Total Count: 6,789
"""
RICOH = """
Machine ID      : G586K123456
Serial Number   : E175M850001
Total Counter   : 0054321

Copier
  Black & White : 10000
  Full Color    : 2000
Printer
  Black & White : 30000
  Full Color    : 12321
Total
  Black & White : 40000
  Full Color    : 14321
"""
CANON = """
Device Serial Number: QLA12345
101: Total 1 : 54321
108: Total (Black 1) : 40000
Toner
Black: 80
"""
XEROX = """
Serial Number: 3399812345
Black Impressions        40,000
Color Impressions        14,321
Total Impressions        54,321
"""
BROTHER = """
Model Name=MFC-L9570CDW
Serial No.=E76543A1N234567
Page Counter=54321
Drum Life remaining=80
"""
TOSHIBA = (
    "Serial Number\tCNAL12345\nTOTAL COUNTER\t54321\nBLACK\t40000\nFULL COLOR\t14321"
)
LEXMARK = """
Serial number
70212345678
Mono page count
40000
Color page count
14321
"""
TURKISH = "Seri No: TR-1234\nSiyah Beyaz: 40.000\nRenkli: 14.321\nToplam Sayaç: 54.321"
SPANISH = "N.º de serie: ES-1234\nTotal de páginas: 54.321\nBlanco y negro: 40.000"


@pytest.mark.parametrize(
    ("text", "serial", "values"),
    [
        (
            KONICA_MINOLTA,
            "A7R0021012345",
            {"total": 139102, "colour": 30001, "mono": 109101},
        ),
        (SHARP, "95012345", {"total": 6600}),
        (SHARP_COLOUR, "95012346", {"mono": 12345, "colour": 6789}),
        # Counters of one function are no counters of the device.
        (RICOH, "E175M850001", {"total": 54321, "mono": 40000, "colour": 14321}),
        (CANON, "QLA12345", {"total": 54321, "mono": 40000}),
        (XEROX, "3399812345", {"mono": 40000, "colour": 14321, "total": 54321}),
        (BROTHER, "E76543A1N234567", {"total": 54321}),
        (TOSHIBA, "CNAL12345", {"total": 54321, "mono": 40000, "colour": 14321}),
        (LEXMARK, "70212345678", {"mono": 40000, "colour": 14321}),
        (TURKISH, "TR-1234", {"mono": 40000, "colour": 14321, "total": 54321}),
        (SPANISH, "ES-1234", {"total": 54321, "mono": 40000}),
    ],
    ids=str.split(
        "konica_minolta sharp sharp_colour ricoh canon xerox brother toshiba lexmark "
        "turkish spanish"
    ),
)
def test_makers(text, serial, values):
    (device,) = read_report(text)
    assert (device.serial, device.values, device.doubtful) == (serial, values, {})


def test_several_devices_in_one_text():
    found = read_report(KONICA_MINOLTA + SHARP_COLOUR + XEROX)
    assert [device.serial for device in found] == [
        "A7R0021012345",
        "95012346",
        "3399812345",
    ]
    assert found[1].values == {"mono": 12345, "colour": 6789}


def test_what_contradicts_itself_is_not_taken():
    (device,) = read_report("Serial: AB-123\nTotal: 5\nTotal Counter: 6\nMono: 4")
    assert device.values == {"mono": 4}
    assert device.doubtful == {"total": [5, 6]}


def test_the_dealers_own_names_come_first():
    own = {"102 total 2": "total", "large sheets": "mono_a3"}
    text = "Serial: AB-123\n101: Total 1: 5\n102: Total 2: 7\nLarge sheets: 3"
    (device,) = read_report(text, own)
    assert (device.values, device.doubtful) == ({"total": 7, "mono_a3": 3}, {})
    # Without them the two contradict each other, and sheets are unknown.
    (device,) = read_report(text)
    assert (device.values, device.doubtful) == ({}, {"total": [5, 7]})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello, the copier is out of toner.",
        "Serial Number: AB-123\nBlack toner: 80 %\nTray 2: 500",
        "Total Counter: 123",  # of which device?
        "Serial Number: AB-123\nTotal Counter: 12.5",
        "Serial Number: AB-123\nTotal Counter: n/a",
    ],
)
def test_no_counters(text):
    assert read_report(text) == []


def test_dates_are_taken_where_they_are_plain():
    (plain,) = read_report("Serial: AB-1\nDate: 2026-06-30 10:00\nTotal: 5")
    (either,) = read_report("Serial: AB-1\nSend Date: 11/09/2024\nTotal: 5")
    assert (plain.moment, either.moment) == ("2026-06-30 10:00", "")


def test_a_table_of_an_html_mail():
    html = (
        "<html><head><title>Counter 99</title><style>p {margin: 1}</style></head><body>"
        "<table><tr><td>Serial&nbsp;Number</td><td><b>AB-123</b></td></tr>"
        "<tr><td>Total Counter</td><td>12,345</td></tr></table></body></html>"
    )
    (device,) = read_report(to_text(html))
    assert (device.serial, device.values) == ("AB-123", {"total": 12345})


# === XML === #

LEDM = b"""<?xml version="1.0" encoding="UTF-8"?>
<pud:Device xmlns:pud="http://maker.example/pud" xmlns:dd="http://maker.example/dd">
  <dd:MakeAndModel>LaserJet flow M880</dd:MakeAndModel>
  <dd:SerialNumber>MXBCFCN166</dd:SerialNumber>
  <dd:TimeStamp>2026-06-09T15:03:21.889-07:00</dd:TimeStamp>
  <pud:PrinterSubunit>
    <dd:TotalImpressions PEID="5082">54321</dd:TotalImpressions>
    <dd:MonochromeImpressions>40000</dd:MonochromeImpressions>
    <dd:ColorImpressions>14321</dd:ColorImpressions>
    <pud:UsageByMedia><dd:TotalImpressions>999</dd:TotalImpressions></pud:UsageByMedia>
  </pud:PrinterSubunit>
  <pud:CopyApplicationSubunit>
    <dd:TotalImpressions>777</dd:TotalImpressions>
  </pud:CopyApplicationSubunit>
</pud:Device>"""


def test_xml_by_the_names_of_its_elements():
    (device,) = read_markup(LEDM)
    assert device.serial == "MXBCFCN166"
    assert device.moment == "2026-06-09T15:03:21.889-07:00"
    assert device.values == {"total": 54321, "mono": 40000, "colour": 14321}


def test_xml_by_attributes_and_of_several_devices():
    found = read_markup(
        b'<devices><device serialNumber="AB-1"><counter name="Total" value="5"/>'
        b'<counter name="Black">4</counter></device>'
        b'<device serialNumber="AB-2"><counter name="Total" value="7"/></device>'
        b"</devices>"
    )
    assert [(device.serial, device.values) for device in found] == [
        ("AB-1", {"total": 5, "mono": 4}),
        ("AB-2", {"total": 7}),
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"no xml",
        b"<device><serial>AB-1</serial>",  # not closed
        b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        b"<d><SerialNumber>&x;</SerialNumber><Total>5</Total></d>",
    ],
)
def test_no_xml_to_read(content):
    assert read_markup(content) == []


# === Labels === #


@pytest.mark.parametrize(
    ("label", "heading", "role"),
    [
        ("Total (Black & White)", "", "mono"),
        ("B/W", "Total", "mono"),
        ("B/W", "Copy", None),
        ("Black", "Toner remaining", None),
        ("COLOUR", "", "colour"),
        ("Seri Numarası", "", "serial"),
        ("Colour copies", "", None),
    ],
)
def test_labels(label, heading, role):
    assert find_role(label, heading) == role


# === What the device is billed by === #


@pytest.mark.parametrize(
    ("values", "codes", "completed"),
    [
        # All pages of a mono device are mono.
        ({"total": 5}, {"mono"}, (("mono", 5, ("total",)),)),
        ({"total": 5, "colour": 0}, {"mono"}, (("mono", 5, ("total", "-", "colour")),)),
        (
            {"total": 9, "mono": 5},
            {"mono", "colour"},
            (("mono", 5, ()), ("colour", 4, ("total", "-", "mono"))),
        ),
        (
            {"mono": 5, "colour": 4},
            {"total"},
            (("total", 9, ("mono", "+", "colour")),),
        ),
        ({"mono": 5}, {"total"}, (("total", 5, ("mono",)),)),
        # A total of a colour device says nothing about its parts.
        ({"total": 9}, {"mono", "colour"}, ()),
        # Nor where the device also counts large pages.
        ({"total": 9}, {"mono", "mono_a3"}, ()),
        ({"total": 9, "mono": 10}, {"mono", "colour"}, (("mono", 10, ()),)),
        ({"scan": 3, "fax": 2}, {"scan"}, (("scan", 3, ()),)),
    ],
)
def test_complete(values, codes, completed):
    assert complete(values, codes) == completed


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1254", "iso8859-9"]
)
def test_encodings(encoding):
    assert decode("Toplam Sayaç: İş".encode(encoding)) == "Toplam Sayaç: İş"
