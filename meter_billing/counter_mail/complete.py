# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""From the counters that a mail names to those that a device is billed by."""

BASIC = {"mono", "colour", "total"}
# Counters beside the pages: what they are says nothing about a total.
BESIDE = {"scan", "fax"}


def complete(values, codes):
    """Return the values of a device's meters, as ((code, value, how), …).

    A device has either all pages in one meter or parts of them; where a mail names the
    others, what is left over is known as well. Nothing is worked out for devices that
    have more meters, e.g. of large pages: a total says nothing about them.

    :param dict values: code of a meter type: value in the mail
    :param set codes: the meters that the device has
    :return: ``how`` is empty where the mail names the value, else e.g. (total, -,
        colour)
    """
    found = [(code, value, ()) for code, value in values.items() if code in codes]
    if codes - BESIDE <= BASIC:
        for code in ("mono", "colour", "total"):
            if code in codes and code not in values:
                value, how = _work_out(code, values, codes)
                if value is not None and value >= 0:
                    found.append((code, value, how))
    return tuple(found)


def _work_out(code, values, codes):
    mono, colour, total = (values.get(key) for key in ("mono", "colour", "total"))
    if code == "mono" and total is not None:
        if colour is not None:
            return total - colour, ("total", "-", "colour")
        if "colour" not in codes:
            return total, ("total",)
    if code == "colour" and total is not None and mono is not None:
        return total - mono, ("total", "-", "mono")
    if code == "total" and mono is not None:
        if colour is not None:
            return mono + colour, ("mono", "+", "colour")
        if "colour" not in codes:
            return mono, ("mono",)
    return None, ()
