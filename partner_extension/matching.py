# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Whether two names or addresses mean the same. Plain Python, without Odoo.

Registries write in capitals, without accents, with the legal form in front or behind,
with both the legal and the trade name, in their own alphabet, or do not tell ("---").
A difference is only what is left when all that is taken away.
"""

import re
import unicodedata
from difflib import SequenceMatcher

SAME, SIMILAR, DIFFERENT, UNKNOWN = "same", "similar", "different", "unknown"

#: Words of a name that say how a company is organised, and small ones between others.
NOT_NAMES = frozenset(
    "ab ag aps as asbl bhd bv bvba co company corp corporation cv cvba da doo dd eg "
    "eirl eood ev ooo oy oyj gmbh ggmbh gesmbh gie hf inc incorporated is kda kft kg "
    "kgaa ks lda limited limitada llc llp lp ltd ltda mbh nv nyrt ohg oe ood ou pc plc "
    "pty pvt pte ae epe ike rt sa sae sarl sas sasu sc sca scop scrl sci se sia sl slu "
    "snc sp spa spj spol spolka sprl sro srl srls ste societe societa sociedad "
    "gesellschaft uab ug vof vzw zoo zrt z o ehf "
    "and et e i y und en og och de la le les du des der die das the".split()
)
#: Words of an address by the short form they are compared in.
STREETS = {
    "street": "st",
    "saint": "st",
    "sankt": "st",
    "sint": "st",
    "avenue": "av",
    "ave": "av",
    "avenida": "av",
    "boulevard": "bd",
    "blvd": "bd",
    "boul": "bd",
    "road": "rd",
    "lane": "ln",
    "drive": "dr",
    "square": "sq",
    "platz": "pl",
    "place": "pl",
    "plaza": "pl",
    "plein": "pl",
    "chaussee": "ch",
    "chemin": "ch",
    "calle": "c",
    "carrer": "c",
    "strada": "str",
    "strasse": "str",
    "straat": "str",
}
#: Letters that have no accent to take away.
LETTERS = str.maketrans(
    {"ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
#: How alike two words or names must be (difflib), written differently.
ALIKE = 0.85


def fold(text):
    """Return text in small letters without accents, punctuation and double spaces."""
    text = (text or "").replace(".", "").replace("'", "").replace("’", "")
    text = unicodedata.normalize("NFKD", text.casefold()).translate(LETTERS)
    text = "".join(c for c in text if not unicodedata.combining(c))
    return " ".join(re.findall(r"\w+", text.replace("_", " ")))


def compare_names(ours, theirs):
    """Return how our name of a company relates to a registry's: one of four words."""
    known = [part for part in (theirs or "").split("||") if fold(part)]
    if not fold(ours) or not known:
        return UNKNOWN
    results = {_compare_name(ours, part) for part in [*known, " ".join(known)]}
    return next(r for r in (SAME, SIMILAR, UNKNOWN, DIFFERENT) if r in results)


def _compare_name(ours, theirs):
    mine, other = _name_words(ours), _name_words(theirs)
    if set(mine) == set(other):
        return SAME
    if not _share_an_alphabet(ours, theirs):
        return UNKNOWN
    if SequenceMatcher(None, "".join(mine), "".join(other)).ratio() >= ALIKE:
        return SIMILAR
    if SequenceMatcher(None, sorted(mine), sorted(other)).ratio() >= ALIKE:
        return SIMILAR
    fewer = min(set(mine), set(other), key=len)
    in_both = set(mine) & set(other)
    # “Dupont” is in “Dupont Logistics”; “Al” is in nothing for sure.
    if fewer == in_both and max(map(len, fewer)) >= 4:
        return SIMILAR
    return DIFFERENT


def _name_words(text):
    words = fold(text).split()
    return [word for word in words if word not in NOT_NAMES] or words


def compare_addresses(street, code, city, theirs):
    """Return how our address relates to a registry's text: one of four words.

    :param street: with the house number
    :param code: postal code
    :param theirs: as the registry writes it, lines and all
    """
    other = _address_words(theirs)
    mine = _address_words(f"{street or ''} {city or ''}")
    if not mine or not other or not _share_an_alphabet("".join(mine), "".join(other)):
        return UNKNOWN
    found = sum(any(_is_alike(word, o) for o in other) for word in mine) / len(mine)
    flat = "".join(other)
    has_code = "".join(fold(code).split()) in flat if fold(code) else None
    if found >= 0.8 and has_code is not False:
        return SAME
    if has_code is False:
        # Some registries leave the code out, none writes a wrong one.
        return SIMILAR if found >= 0.8 and not re.search(r"\d{4}", flat) else DIFFERENT
    return SIMILAR if found >= (0.4 if has_code else 0.6) else DIFFERENT


def _address_words(text):
    words = []
    for word in fold(text).split():
        for long in ("strasse", "straat", "platz", "plein"):
            if word.endswith(long) and word != long:
                word = word[: -len(long)] + STREETS[long]
        words.append(STREETS.get(word, word))
    return [word for word in words if word not in ("de", "la", "le", "du", "des")]


def _is_alike(one, other):
    if one == other or (len(other) > 5 and one in other and len(one) > 4):
        return True
    if one.isdigit() or other.isdigit():
        return False
    return SequenceMatcher(None, one, other).ratio() >= ALIKE


def _share_an_alphabet(one, other):
    def alphabets(text):
        names = {unicodedata.name(c, "?").split()[0] for c in text if c.isalpha()}
        return names - {"?"}

    mine, others = alphabets(one), alphabets(other)
    return bool(mine & others) or not mine or not others
