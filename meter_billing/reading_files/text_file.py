# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Text with columns (CSV), in whatever encoding and with whatever delimiter."""

import codecs
import csv
import io

from .errors import ReadingFileError

DELIMITERS = ",;\t|"
# What text is written in where it is not Unicode: Turkish also has all that Western
# European languages need but a few Icelandic letters.
FALLBACK_ENCODING = "cp1254"
SAMPLE = 65_536
# Lines whose delimiters are counted.
LINES = 30
# A byte that is no text is a fault of one cell; where there are more, it is no text.
MOST_NULS = 1 / 200


def text_lines(content):
    """Yield (number in the file, list of texts) of the lines of a text.

    :param bytes content:
    :raises ReadingFileError: it is no text with columns, or a quotation mark is open
    """
    encoding = _find_encoding(content)
    sample = content[:SAMPLE].decode(encoding, errors="replace")
    if sample.lstrip().startswith("<"):
        raise ReadingFileError("markup")
    if sample.startswith("%PDF") or sample.count("\x00") > MOST_NULS * len(sample):
        raise ReadingFileError("not_a_table")
    stream = io.TextIOWrapper(
        io.BytesIO(content), encoding=encoding, errors="replace", newline=""
    )
    reader = csv.reader(
        # What is no text is seen as such in its cell, and refused there.
        (line.replace("\x00", "\ufffd") for line in stream),
        delimiter=_find_delimiter(sample),
        strict=True,  # a quotation mark that is never closed would swallow rows
    )
    number = 1
    try:
        for line in reader:
            yield number, line
            number = reader.line_num + 1
    except csv.Error as error:
        raise ReadingFileError("quotes", line=number, problem=str(error)) from error


def _find_encoding(content):
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return encoding
    # Every second byte of plain text in UTF-16 is zero.
    head = content[:2000]
    if head[1::2].count(0) > len(head) // 3:
        return "utf-16-le"
    if head[0::2].count(0) > len(head) // 3:
        return "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for first in range(0, len(content), SAMPLE):
            decoder.decode(content[first : first + SAMPLE])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return FALLBACK_ENCODING
    return "utf-8"


def _find_delimiter(sample):
    """Return what separates the cells: what most lines have, equally often."""
    lines = [line for line in sample.splitlines()[:LINES] if line.strip()]
    if not lines:
        return ","

    def weight(delimiter):
        counts = [line.count(delimiter) for line in lines]
        most = max(set(counts), key=lambda n: (counts.count(n), n) if n else (0, 0))
        return (counts.count(most), most) if most else (0, 0)

    return max(DELIMITERS, key=weight)
