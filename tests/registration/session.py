# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Many registrations at one moment, each in a transaction of its own."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from ..stack.session import environment


def register_at_once(env, count):
    """Send `count` forms from one address; return how many were told to wait."""
    together = threading.Barrier(count)
    registry = env.registry

    def send(number):
        with registry.cursor() as cr:
            Registration = env(cr=cr)["partner.registration"]
            form = {
                "name": f"Company {number}",
                "email": f"office@company{number}.example",
                "role": "customer",
                "stamp": Registration._get_stamp(),
            }
            # Each transaction has begun, and sees none of the others.
            assert Registration.search_count([]) == 0
            together.wait(timeout=60)
            company = Registration.env.company
            return Registration._take_form(company, form, "192.0.2.1")

    with ThreadPoolExecutor(count) as threads:
        answers = list(threads.map(send, range(count)))
    return sum(answer == {"": "flood"} for answer in answers)


if __name__ == "__main__":
    database, number = sys.argv[1:]
    with environment(database) as env:
        print(register_at_once(env, int(number)))
