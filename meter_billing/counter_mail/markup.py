# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What devices write of themselves as XML, whatever the names of its elements."""

import re

from lxml import etree

from .report import gather

# Attributes that name a counter, and that hold it.
_NAMING = ("name", "type", "id", "label", "key")
_HOLDING = ("value", "count", "counter", "total")
_LARGEST = 10_000_000


def read_markup(content, own=None):
    """Return the devices and counters of an XML document.

    Elements and attributes are read as labels: ``<TotalImpressions>5</…>`` and
    ``<counter name="Total Impressions" value="5"/>`` say the same. Of two counters of
    one name the outer one counts: those inside are parts of it.

    :param bytes content:
    :param dict own: the dealer's own names of meters: ``{normal name: code}``
    :return: list of ``Device``, none where it is no XML
    """
    if len(content) > _LARGEST:
        return []
    # Nothing outside of the document is read, whatever it asks for.
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=False
    )
    try:
        root = etree.fromstring(content.strip(), parser)
    except (etree.XMLSyntaxError, ValueError):
        return []
    return gather(_read_pairs(root, 0), own)


def _read_pairs(element, depth):
    """Yield (depth, heading, label, value) of an element and what is in it."""
    heading = _label(element.getparent()) if element.getparent() is not None else ""
    text = (element.text or "").strip()
    named = {_local(key): text.strip() for key, text in element.attrib.items()}
    attributes = {key.lower(): text for key, text in named.items()}
    name = next((attributes[key] for key in _NAMING if attributes.get(key)), "")
    held = next((attributes[key] for key in _HOLDING if attributes.get(key)), text)
    if name and held and not len(element):
        yield depth, heading, _spaced(name), held
    elif text and not len(element):
        yield depth, heading, _label(element), text
    for key, value in named.items():
        yield depth, _label(element), _spaced(key), value
    for child in element:
        if isinstance(child.tag, str):
            yield from _read_pairs(child, depth + 1)


def _local(name):
    return etree.QName(name).localname


def _label(element):
    return _spaced(_local(element.tag))


def _spaced(name):
    """Return a name in words: TotalImpressions is "Total Impressions"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
