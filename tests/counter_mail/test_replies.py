# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Answers of people: what they wrote, without what they quoted."""

from html import escape

import pytest
from counter_mail import (
    Asked,
    above_quote,
    is_forward,
    make_names,
    read_reply,
    to_text,
)

ONE = [Asked("SN-1", ("mono",))]
COLOUR = [Asked("SN-1", ("mono", "colour"))]
TWO = [Asked("SN-1", ("mono", "colour")), Asked("SN-2", ("mono",))]


def read(text, devices, own=None):
    return read_reply(text, devices, make_names(own))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12345", 12345),
        ("The counter is at 12,345.\nBest regards, Jane", 12345),
        ("12.345", 12345),
        ("12 345", 12345),
        ("12'345 pages", 12345),
        ("12,345.00", 12345),
        ("Read on 30.06.2026 at 10:30: 12345", 12345),
        ("30 June 2026: 12345", 12345),
        ("30 Haziran 2026 itibarıyla 12345", 12345),
        ("12345\nTel: 0212 555 12 34\n+90 212 555 12 34", 12345),
        ("black 12345\nSuite 200", 12345),
        ("Siyah: 12345", 12345),
        ("SIYAH BEYAZ 12345", 12345),
        ("negro = 12345", 12345),
        ("Blanco y negro: 12.345", 12345),
        ("B/W 12345", 12345),
        ("black,12345", 12345),
        ("Read,30.06.2026,12345", 12345),
        ("Mono:\n12345", 12345),
        ("Sayaç 12345, yine 12345", 12345),
    ],
)
def test_one_number(text, value):
    reply = read(text, ONE)
    assert (reply.values, reply.problems) == ({"SN-1": {"mono": value}}, [])


@pytest.mark.parametrize(
    "text",
    [
        "black 12345\ncolour 678",
        "black 12345, color: 678",
        "12345 black and 678 colour",
        "Black / colour: 12345 / 678",
        "Siyah: 12.345\nRenkli: 678",
        "Toplam siyah 12345 toplam renkli 678",
        "Negro 12345\nColor 678",
        "Schwarz: 12345\nFarbe: 678",
        "Black:\n12345\nColour:\n678",
    ],
)
def test_two_meters(text):
    reply = read(text, COLOUR)
    assert reply.values == {"SN-1": {"mono": 12345, "colour": 678}}
    assert reply.problems == []


@pytest.mark.parametrize(
    "text",
    [
        "SN-1 black 12345 colour 678\nSN-2 black 99",
        "SN-1\nblack 12345\ncolour 678\n\nsn-2:\nblack 99",
        "black 12345 colour 678 (SN-1)\nblack 99 (SN-2)",
        "SN-2: 99\nSN-1: black 12345, colour 678",
    ],
)
def test_several_devices_by_serial(text):
    reply = read(text, TWO)
    assert reply.values == {
        "SN-1": {"mono": 12345, "colour": 678},
        "SN-2": {"mono": 99},
    }
    assert reply.problems == []


@pytest.mark.parametrize(
    ("text", "devices", "codes"),
    [
        ("12345 and 12346", ONE, ["meter"]),
        ("12345", COLOUR, ["meter"]),
        ("black 12345", TWO, ["device"]),
        ("12345", TWO, ["device"]),
        ("black 12345 (last time 12000)", ONE, ["unclear"]),
        ("black 12345.5", ONE, ["part"]),
        ("black 12345\nblack 12346", ONE, ["twice"]),
        ("Serial number XY-9999: black 12345", ONE, ["serial"]),
    ],
)
def test_what_may_be_meant_in_two_ways_is_not_taken(text, devices, codes):
    reply = read(text, devices)
    assert not any(reply.values.values())
    assert [problem.code for problem in reply.problems] == codes


@pytest.mark.parametrize("text", ["", "Thank you, we will look tomorrow.", "80 %"])
def test_no_numbers(text):
    reply = read(text, ONE)
    assert (reply.values, reply.problems) == ({}, [])


def test_the_dealers_own_names():
    reply = read("plotter 5", [Asked("SN-1", ("mono", "wide"))], {"plotter": "wide"})
    assert reply.values == {"SN-1": {"wide": 5}}


# === Quotations === #

ASKED = "please read the meters\nSN-1 Mono: 1,000 (1 June 2026)"


@pytest.mark.parametrize(
    "below",
    [
        "On Tue, 30 Jun 2026 at 10:00, Dealer <d@x.example> wrote:\n> Mono: 1,000",
        "On Tuesday, 30 June 2026 10:00, A Dealer\n<d@x.example> wrote:\n> Mono: 1,000",
        "Dealer <d@x.example>, 30 Haz 2026 Sal, 10:00 tarihinde şunu yazdı:\n> 1,000",
        "El mar, 30 jun 2026 a las 10:00, Dealer (<d@x.example>) escribió:\n> 1,000",
        "Am 30.06.2026 um 10:00 schrieb Dealer:\n" + ASKED,
        "-----Original Message-----\n" + ASKED,
        "From: Dealer <d@x.example>\nSent: Tuesday, June 30, 2026\nTo: Jane\n" + ASKED,
        "Kimden: Dealer\nGönderildi: 30 Haziran 2026\nKime: Jane\n" + ASKED,
        "De: Dealer\nEnviado el: martes\nPara: Jane\n" + ASKED,
        "________________________________\n" + ASKED,
        "Reply above this line [MR-12-0123456789ab]\n" + ASKED,
    ],
)
def test_what_is_quoted_is_not_read(below):
    text = above_quote(f"Hello,\n\nblack 12345\n\nJane\n\n{below}")
    assert "12345" in text
    assert "1,000" not in text
    assert "30" not in text


def test_a_quotation_in_html():
    html = (
        "<div>Black <b>12345</b></div><div><br></div><div>"
        "<blockquote><p>Dear Jane, please read</p><table><tr><td>SN-1</td>"
        "<td>Mono: 1,000</td></tr></table></blockquote></div>"
    )
    text = above_quote(to_text(html))
    assert text.strip() == "Black 12345"


@pytest.mark.parametrize(
    "introduction",
    [
        "On Monday, 15 June 2026, Dealer wrote:",
        "On Monday, 15 June 2026 10:00, Dealer\n<d@x.example> wrote:",
        "Dealer <d@x.example>, 15 Haz 2026 Pzt, 10:00 tarihinde şunu yazdı:",
        "Dealer <d@x.example>\n15 Haz 2026 Pzt, 10:00 tarihinde şunu yazdı:",
    ],
)
def test_an_answer_right_above_the_introduction(introduction):
    lines = escape(introduction).replace("\n", "<br>")
    html = f"<p>Black 12345</p><div>{lines}<br><div>Mono 1,000</div></div>"
    assert above_quote(to_text(html)) == "Black 12345"


def test_an_answer_below_the_quotation():
    text = "On Tue, 30 Jun 2026, Dealer wrote:\n> Mono: 1,000\n> wrapped\n\n12345\n"
    assert above_quote(text).strip() == "12345"


def test_nothing_but_a_quotation():
    text = "Thank you\n\n-----Original Message-----\nMono: 1,000"
    assert above_quote(text).strip() == "Thank you"


@pytest.mark.parametrize(
    "signature", ["--", "-- ", "Sent from my phone", "iPhone'umdan gönderildi"]
)
def test_signatures(signature):
    text = f"black 12345\n{signature}\nJane, room 200, 34000 Istanbul"
    assert above_quote(text).strip() == "black 12345"


@pytest.mark.parametrize(
    "text",
    [
        "FYI\n\n---------- Forwarded message ---------\nFrom: Jane <j@x.example>\n"
        "Date: Tue, 30 Jun 2026 at 10:00\nSubject: Re: Meters\nTo: Dealer\n\n"
        "black 12345\n\nOn Mon, 29 Jun 2026, Dealer wrote:\n> Mono: 1,000",
        "---------- Forwarded message ---------\n> From: Jane <j@x.example>\n"
        "> Date: Tue, 30 Jun 2026 at 10:00\n>\n> black: 12345\n",
        "From: Jane\nSent: Tuesday, June 30, 2026\nTo: Dealer\nSubject: Re\n\n"
        "black 12345\n",
    ],
)
def test_a_mail_that_was_handed_on(text):
    read_text = above_quote(text, forwarded=True)
    assert read(read_text, ONE).values == {"SN-1": {"mono": 12345}}
    # Not handed on, it is a quotation.
    assert "12345" not in above_quote(text)


def test_subjects_of_mails_handed_on():
    subjects = ["FW: x", "Fwd: x", "İlt: x", "WG: x", "RV: x", "Re: Fwd", "forward"]
    assert [is_forward(subject) for subject in subjects] == [True] * 5 + [False] * 2


def test_a_long_text_is_read_in_time():
    text = "black " * 20_000 + "1 " * 20_001
    assert [p.code for p in read(text, ONE).problems] == ["unclear"]
