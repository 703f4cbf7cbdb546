# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What the columns of a file mean."""

from dataclasses import dataclass

#: Roles that a column can have once; others hold the value of the meter they name.
ROLES = ("serial", "make", "meter", "moment", "value")


@dataclass(frozen=True)
class Layout:
    """Which column has which role.

    A file has a row for each meter (columns meter and value) or a row for each device
    (a column for each meter).
    """

    name: str
    roles: dict  # header in lower case: role, or the code of a meter type

    def find(self, header):
        """Return {index: role} of the columns of a header that the layout knows."""
        found, taken = {}, set()
        for index, title in enumerate(header):
            role = self.roles.get(normal(title))
            if role and role not in taken:  # of two alike the first
                taken.add(role)
                found[index] = role
        return found

    def find_alike(self, header):
        """Return {index: role} of further columns of a role that another one has."""
        found = self.find(header)
        roles = ((i, self.roles.get(normal(t))) for i, t in enumerate(header))
        return {index: role for index, role in roles if role and index not in found}

    def fits(self, header):
        """Tell whether rows can be read from a file with this header."""
        return is_complete(self.find(header).values())


def normal(title):
    """Return a header as it is compared: without case, blanks and underscores."""
    return " ".join(str(title).lower().replace("_", " ").split())


def is_complete(roles):
    """Tell whether these roles are enough to read readings."""
    roles = set(roles)
    if not {"serial", "moment"} <= roles:
        return False
    return {"meter", "value"} <= roles or bool(roles - set(ROLES))


def recognise(header, layouts):
    """Return the layout that knows most columns of a header, or None if none fits."""
    fitting = [layout for layout in layouts if layout.fits(header)]
    return max(fitting, key=lambda layout: len(layout.find(header)), default=None)
