# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Pages between readings."""

import pytest
from rating import pages_between


def test_pages_between():
    assert pages_between(100, 350, 6) == 250
    assert pages_between(350, 350, None) == 0
    assert pages_between(350, 100, None) == -250


def test_counter_that_wrapped():
    assert pages_between(999_990, 15, 6, wraps=True) == 25
    assert pages_between(5, 5, 3, wraps=True) == 1000
    with pytest.raises(ValueError, match="number of digits"):
        pages_between(10, 5, None, wraps=True)
