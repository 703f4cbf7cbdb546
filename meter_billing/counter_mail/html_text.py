# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The text of an HTML mail as a person sees it, and of an attachment."""

import re
from html.parser import HTMLParser

_BLOCKS = set(
    "address article blockquote body center dd div dl dt fieldset form h1 h2 h3 h4 h5 "
    "h6 hr li ol p pre section table tbody thead tr ul".split()
)
_VOID = set("area base br col embed hr img input link meta source track wbr".split())
_UNSEEN = {"head", "script", "style", "title"}
_CELLS = {"td", "th"}


def to_text(html):
    """Return the text of an HTML body; cells are parted by tabs, quotes begin with >.

    What is hidden in the mark-up (quotations of mail programs) becomes visible as in
    plain text, so that both are read the same way.
    """
    reader = _Reader()
    reader.feed(html or "")
    reader.close()
    reader.end_line()
    return "\n".join(reader.lines)


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.lines = []
        self._line = []  # (text, is it quoted)
        self._open = []  # (tag, does it quote)

    def handle_starttag(self, tag, attrs):
        if tag == "br":
            self.end_line()
            return
        if tag in _BLOCKS:
            self.end_line(only_filled=True)
        if tag in _CELLS and any(text.strip() for text, _quoted in self._line):
            self._line.append(("\t", False))
        if tag not in _VOID:
            quotes = tag == "blockquote" or dict(attrs).get("data-o-mail-quote") == "1"
            self._open.append((tag, quotes))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if tag in _BLOCKS:
            self.end_line(only_filled=True)
        if any(name == tag for name, _quotes in self._open):
            while self._open.pop()[0] != tag:
                pass

    def handle_data(self, data):
        tags = {name for name, _quotes in self._open}
        if tags & _UNSEEN:
            return
        quoted = any(quotes for _name, quotes in self._open)
        if "pre" not in tags:
            self._line.append((re.sub(r"[ \t\r\n]+", " ", data), quoted))
            return
        first, *others = data.replace("\r", "").split("\n")
        self._line.append((first, quoted))
        for text in others:
            self.end_line()
            self._line.append((text, quoted))

    def end_line(self, only_filled=False):
        """Keep the line that was read."""
        text = "".join(text for text, _quoted in self._line).replace("\u00a0", " ")
        filled = [quoted for text, quoted in self._line if text.strip()]
        if filled and all(filled) and not text.lstrip().startswith(">"):
            text = f"> {text.strip()}"
        if filled or not only_filled:
            self.lines.append(text.strip(" \n"))
        self._line = []


def decode(content):
    """Return the text of an attachment in whatever encoding it is.

    :param bytes content:
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        # Turkish has all that Western European languages need, but for Icelandic.
        return content.decode("cp1254", errors="replace")
