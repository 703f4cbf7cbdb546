# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What somebody wrote into a mail, without the mail that is quoted below it."""

import re

from .words import normal

_REFERENCE = re.compile(r"\[MR-\d{1,12}-[0-9a-f]{12}\]")
_ORIGINAL = re.compile(
    r"^[-_ ]*\s*(original message|original appointment|ursprungliche nachricht|"
    r"orijinal ileti|ozgun ileti|orijinal mesaj|mensaje original|message d ?origine|"
    r"messaggio originale)\s*[-_ ]*$"
)
_FORWARDED = re.compile(
    r"^[-_> ]*\s*(begin )?(forwarded message|weitergeleitete nachricht|"
    r"iletilen mesaj|yonlendirilen ileti|iletilen ileti|mensaje reenviado|"
    r"message transfere)\s*[-_ ]*$"
)
_WROTE = re.compile(
    r"\b(wrote|schrieb( .*)?|a ecrit|escribio|ha scritto|"
    r"sunu yazdi|sunlari yazdi|yazdi)$"
)
_BEGINS = re.compile(r"(on|am|le|el|il|op|em)\b", re.I)
_FROM = re.compile(
    r"^\s*>?\s*\*?(from|von|kimden|gönderen|de|da|van)\*?\s*:\s*\S", re.I
)
_SENT = re.compile(
    r"^\s*>?\s*\*?(sent|date|gesendet|datum|gönderildi|gönderme tarihi|tarih|"
    r"enviado|enviado el|fecha|envoyé|inviato)\*?\s*:",
    re.I,
)
_HEADER = re.compile(r"^\s*\*?[^\W\d_][\w ]{1,20}\*?\s*:\s*\S")
_SIGNATURE = re.compile(
    r"^(sent from my .*|get outlook for .*|von meinem .* gesendet|"
    r".* ?(imdan|umdan|dan) gonderildi|enviado desde mi .*|envoye de mon .*)$"
)
_FORWARD_SUBJECT = re.compile(r"^\s*(fw|fwd|wg|ilt|i̇lt|yönl|rv|tr)\s*:", re.I)
# Lines of an introduction like "On Tuesday … Jane <jane@…> wrote:".
_WROTE_LINES = 3
_HEADER_LINES = 5


def is_forward(subject):
    """Tell whether a mail was handed on, by its subject."""
    return bool(_FORWARD_SUBJECT.match(subject or ""))


def above_quote(text, forwarded=False):
    """Return what the sender wrote, with the signature cut off.

    Who answers below the quotation is read there, where nothing stands above it.

    :param str text: the mail, as `to_text` returns it
    :param bool forwarded: the mail was handed on: where its sender wrote no number,
        what was handed on is returned
    """
    lines = text.replace("\r", "").split("\n")
    start = _find_quote(lines)
    above = _cut_signature(lines[:start])
    if _has_digit(above) or start == len(lines):
        return "\n".join(above)
    if forwarded:
        return above_quote("\n".join(_open_forwarded(lines[start:])))
    below = _cut_signature(_below_quote(lines[start:]))
    return "\n".join([*above, *below])


def _find_quote(lines):
    """Return the index of the first line of a quotation, else how many lines."""
    for index, line in enumerate(lines):
        if _REFERENCE.search(line) or line.lstrip().startswith(">"):
            return index
        plain = normal(line)
        if _ORIGINAL.match(plain) or _FORWARDED.match(plain):
            return index
        if re.fullmatch(r"_{20,}", line.strip()):
            return index
        if _FROM.match(line) and any(
            _SENT.match(other) for other in lines[index + 1 : index + _HEADER_LINES]
        ):
            return index
        if line.strip() and _is_introduction(lines, index):
            return index
    return len(lines)


def _is_introduction(lines, index):
    """Tell whether "On … wrote:" begins here; mail programs break it into lines."""
    first = lines[index].strip()
    # Without one of these words it begins with an address: what stands in the line
    # above may be the answer itself.
    count = _WROTE_LINES if _BEGINS.match(first) else 2 if "@" in first else 1
    joined = ""
    for line in lines[index : index + count]:
        if not line.strip():
            return False
        joined = f"{joined} {line.strip()}"
        if line.rstrip().endswith(":"):
            return bool(_WROTE.search(normal(joined)) and re.search(r"\d|@", joined))
    return False


def _below_quote(lines):
    """Return the lines below the last quoted one, none where nothing is marked."""
    quoted = [i for i, line in enumerate(lines) if line.lstrip().startswith(">")]
    return lines[quoted[-1] + 1 :] if quoted else []


def _open_forwarded(lines):
    """Return the mail that was handed on, without its headers."""
    body = [re.sub(r"^\s*> ?", "", line) for line in lines]
    while body and (not body[0].strip() or not _HEADER.match(body[0])):
        body.pop(0)
    while body and _HEADER.match(body[0]) and not _is_counter(body[0]):
        body.pop(0)
    return body


def _is_counter(line):
    return re.fullmatch(r"[^:]*:\s*\d[\d.,' ]*", line.strip()) is not None


def _cut_signature(lines):
    for index, line in enumerate(lines):
        if line.strip() == "--" or _SIGNATURE.match(normal(line)):
            return lines[:index]
    return lines


def _has_digit(lines):
    return any(char.isdigit() for line in lines for char in line)
