# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""How people and devices call a serial number, a date and the usual counters."""

import re
import unicodedata

# What people write. English, Turkish, Spanish, German, French.
NAMES = {
    "mono": (
        "mono, monochrome, black, blacks, b w, b and w, bw, black white, "
        "black and white, black copies, "
        "siyah, siyah beyaz, siyahbeyaz, s b, sb, "
        "negro, negra, negras, negros, blanco y negro, blanco negro, b n, b y n, bn, "
        "monocromo, "
        "schwarz, schwarz weiss, schwarzweiss, s w, sw, "
        "noir, noir et blanc, noir blanc, n b"
    ),
    "colour": (
        "colour, color, colours, colors, full colour, full color, "
        "renkli, renk, colores, a color, farbe, farbig, bunt, couleur, couleurs"
    ),
    "total": (
        "total, totals, total pages, all pages, page count, life count, counter total, "
        "toplam, genel toplam, total general, gesamt, gesamtzahler, total general"
    ),
    "mono_a3": "mono a3, a3 mono, black a3, a3 black, siyah a3, a3 siyah, "
    "negro a3, a3 negro, schwarz a3, a3 schwarz, noir a3, a3 noir",
    "colour_a3": "colour a3, color a3, a3 colour, a3 color, renkli a3, a3 renkli, "
    "farbe a3, a3 farbe, couleur a3, a3 couleur",
    "scan": "scan, scans, scanned, tarama, taranan, escaneo, escaneos, escaneado, "
    "numerisation",
    "fax": "fax, faxes, faks, telefax",
}
WORDS_FOR_TOTAL = ("total", "toplam", "gesamt")

# What devices write, besides the names above: manuals and mails of Canon, HP, Konica
# Minolta, Kyocera, Ricoh, Sharp, Toshiba, Xerox and others. Counters of one function
# (copies, prints) are no whole counter and are not here.
LABELS = {
    "serial": (
        "serial number, serial no, serial, serialno, s n, sn, device serial number, "
        "machine serial number, machine serial no, printer serial number, "
        "equipment serial number, product serial number, seri no, seri numarasi, "
        "cihaz seri no, cihaz seri numarasi, makine seri no, numero de serie, "
        "n de serie, no de serie, n o de serie, num serie, seriennummer, serien nr, "
        "gerateseriennummer"
    ),
    "make": "manufacturer, make, vendor, brand, marka, marca, hersteller, fabricante",
    "moment": (
        "date, send date, report date, date time, date and time, timestamp, "
        "time stamp, created, read at, tarih, fecha, datum"
    ),
    "total": (
        "total counter, total count, total counts, totalcount, page counter, "
        "total page count, total page counter, total pages printed, total printed, "
        "total printed pages, total impressions, total prints, total output, "
        "total print count, total output count, life page count, pages printed, "
        "engine cycles, total engine cycles, 101 total 1, 102 total 2, "
        "toplam sayac, toplam sayfa, toplam baski, sayac toplam, "
        "contador total, total de paginas, total paginas, paginas totales, "
        "gesamtseiten, seiten gesamt, gesamtzahl"
    ),
    "mono": (
        "total black counter, black counter, black total counter, total b w counter, "
        "black total count, black white total count, black and white total count, "
        "b w total count, b w counter, black count, mono count, mono counter, "
        "total b w pages, black pages, b w pages, mono pages, monochrome pages, "
        "monochrome page count, mono page count, black page count, black impressions, "
        "monochrome impressions, mono impressions, total black white pages, "
        "black white pages, black and white pages, black printed impressions, "
        "108 total black 1, 109 total black 2, total black 1, total black 2, "
        "siyah sayac, siyah beyaz sayac, contador negro, paginas en negro"
    ),
    "colour": (
        "total color counter, color counter, color total counter, color total count, "
        "full color total count, total full color counter, full color counter, "
        "color count, color pages, full color pages, color page count, "
        "color impressions, full color impressions, total color pages, "
        "color printed impressions, 105 total full color 1, 106 total full color 2, "
        "total full color 1, total full color 2, renkli sayac, contador color, "
        "paginas en color"
    ),
    "scan": "total scan counter, scan counter, total scan count, scanned pages, "
    "total scanned pages, toplam tarama",
    "fax": "total fax counter, fax counter, total fax count",
}

# A heading over counters of one function, or of no pages at all.
PARTS = set(
    "copy, copies, copier, print, prints, printer, fax, scan, scanner, scans, list, "
    "copy application subunit, print application subunit, fax application subunit, "
    "scan application subunit, scanner engine subunit, copy counter, print counter, "
    "fax counter, scan counter, copy function, print function, printer function, "
    "copier counter, printer counter, duplex, 2 sided, large size, small size, "
    "department, user, account".split(", ")
)
_NO_PAGES = re.compile(
    r"\b(toner|supply|supplies|consumables?|drum|ink|cartridge|tray|paper|remaining|"
    r"level|levels|coverage|maintenance|fuser|jam|jams|errors?|history|since|previous)\b"
)


def normal(text):
    """Return a label as it is compared: without case, accents, signs and blanks."""
    text = unicodedata.normalize("NFKD", str(text).casefold()).replace("ı", "i")
    text = "".join(c for c in text if not unicodedata.combining(c))
    return re.sub(r"[^a-z0-9]+", " ", text).strip()


def _split(text):
    return [normal(name) for name in text.split(",")]


def make_names(own=None):
    """Return {name: code} of what people call counters.

    :param dict own: the dealer's own names, which come first
    """
    names = {}
    for code, text in NAMES.items():
        for name in _split(text):
            names[name] = code
            if code in ("mono", "colour"):
                for word in WORDS_FOR_TOTAL:
                    names[f"{word} {name}"] = names[f"{name} {word}"] = code
    return {**names, **(own or {})}


def _make_roles():
    roles = dict(make_names())
    for role, text in LABELS.items():
        for label in _split(text):
            roles[label] = role
            if "color" in label:
                roles[label.replace("color", "colour")] = role
    return roles


ROLES = _make_roles()


def find_role(label, heading="", own=None):
    """Return serial, make, moment or the code of a meter that a label stands for.

    :param str label: as the device wrote it
    :param str heading: what stands above it
    :param dict own: the dealer's own names of meters: {normal name: code}
    :return: None where it is not known, or counts one function only
    """
    own = own or {}
    label, heading = normal(label), normal(heading)
    both = f"{heading} {label}".strip()
    for known in (own, ROLES):
        if both in known:
            return known[both]
    if heading in PARTS or _NO_PAGES.search(heading):
        return None
    return own.get(label) or ROLES.get(label)
