# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Print Tracker Pro, API version 1 (docs.printtrackerpro.com)."""

from datetime import datetime, timezone

from .http import FleetError, JsonClient

PAGE = 100
MOST_PAGES = 10_000
#: Counters of a device, as its page counts name them, and what we call them at first.
COUNTERS = {
    "totalBlack": "mono",
    "totalColor": "colour",
    "total": "total",
    "totalScans": "scan",
    "totalFaxes": "fax",
}
FORMATS = ("default", "life", "equiv")


class PrintTracker:
    """The devices and current meters of an entity and those below it.

    :param str base: e.g. https://papi.printtrackerpro.com/v1
    :param str key: API key
    :param str entity: id of the entity
    :param str count_format: default, life or equiv: a contract is billed on one
    """

    def __init__(self, base, key, entity, count_format="default", **options):
        self.client = JsonClient(base, {"x-api-key": key}, **options)
        self.entity = entity
        self.count_format = count_format

    def check(self):
        """Ask for one device, to see that the service lets us in."""
        self._get_page("device", 1, limit=1)

    def devices(self):
        """Yield ``{id, serial, make, model, place}`` of each device."""
        for device in self._get_all("device"):
            serial = _text(device.get("serialNumber"))
            if serial and device.get("id"):
                yield {
                    "id": str(device["id"]),
                    "serial": serial,
                    "make": _text(device.get("make")),
                    "model": _text(device.get("model")),
                    "place": _text(device.get("customLocation")),
                }

    def readings(self, devices, since=None):
        """Yield ``{serial, make, counter, moment, value}`` of the current meters.

        Counters without a value are left out.

        :param devices: what :meth:`devices` gave
        :param datetime since: naive UTC; older meters were taken before
        """
        by_id = {device["id"]: device for device in devices}
        for meter in self._get_all("currentMeter"):
            device = by_id.get(str(meter.get("deviceKey")))
            moment = _moment(meter.get("timestamp"))
            if not device or not moment or (since and moment < since):
                continue
            counts = meter.get("pageCounts")
            counts = counts.get(self.count_format) if isinstance(counts, dict) else None
            for counter, count in (counts or {}).items():
                value = count.get("value") if isinstance(count, dict) else count
                if counter in COUNTERS and value not in (None, ""):
                    yield {
                        "serial": device["serial"],
                        "make": device["make"],
                        "counter": counter,
                        "moment": moment,
                        "value": value,
                    }

    def _get_all(self, what):
        """Yield the records of all pages."""
        before = None
        for number in range(1, MOST_PAGES + 1):
            page = self._get_page(what, number)
            if page and page == before:
                # The service gives the same page again and again.
                raise FleetError("endless", page=number)
            yield from page
            if len(page) < PAGE:
                return
            before = page
        raise FleetError("endless", page=MOST_PAGES)

    def _get_page(self, what, number, limit=PAGE):
        page = self.client.get(
            f"/entity/{self.entity}/{what}",
            includeChildren="true",
            excludeDisabled="true",
            limit=limit,
            page=number,
        )
        if not isinstance(page, list) or not all(isinstance(one, dict) for one in page):
            raise FleetError("no_list")
        return page


def _text(value):
    return "" if value is None else str(value).strip()


def _moment(value):
    """Return an ISO 8601 moment as naive UTC without fractions, or None."""
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.tzinfo:
        moment = moment.astimezone(timezone.utc).replace(tzinfo=None)
    return moment.replace(microsecond=0)
