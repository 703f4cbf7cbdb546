# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the stack tells the person at the terminal.

Progress goes to standard error, so that standard output carries results alone.
"""

import sys


def say(text="", end="\n"):
    """Print one piece of progress at once."""
    print(text, end=end, file=sys.stderr, flush=True)
