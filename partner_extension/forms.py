# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What browsers (and programs) send to public pages, made safe to work with."""

#: More characters than any field of a form takes.
LONGEST = 5_000


def clean_text(value):
    """Return what was sent as text: nothing for a file, and without the character NUL,
    which no database takes."""
    return value.replace("\0", "")[:LONGEST] if isinstance(value, str) else ""


def clean_form(form):
    """Return the texts of a form by name; files sent in their place are left out."""
    return {k: clean_text(text) for k, text in form.items() if isinstance(text, str)}


def to_id(text):
    """Return the id that a text names, or 0: also for what is larger than any id."""
    text = clean_text(text)
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
