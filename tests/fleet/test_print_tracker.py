# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Print Tracker's API over real HTTP, from a server that also behaves badly."""

from datetime import datetime

import pytest
from fleet import FleetError, FleetRefused, PrintTracker
from fleet_server import KEY, FleetServer, a_device, a_meter


def service(server, key=KEY, waits=None, **options):
    sleep = (waits if waits is not None else []).append
    return PrintTracker(server.url, key, "dealer-1", sleep=sleep, **options)


def test_devices_and_readings_over_pages():
    devices = [a_device(n) for n in range(250)]
    meters = [a_meter(n, 100 + n, str(n)) for n in range(250)]
    with FleetServer(devices, meters) as server:
        found = list(service(server).devices())
        readings = list(service(server).readings(found))
    assert len(found) == 250
    assert found[7] == {
        "id": "d7",
        "serial": "SN-7",
        "make": "Inkwell",
        "model": "C 300",
        "place": "2nd floor",
    }
    assert len(readings) == 500
    assert readings[14:16] == [
        {
            "serial": "SN-7",
            "make": "Inkwell",
            "counter": counter,
            "moment": datetime(2026, 1, 31, 22, 10, 5),
            "value": value,
        }
        for counter, value in (("totalBlack", 107), ("totalColor", "7"))
    ]
    paths = [path for path, _headers in server.requests]
    assert len(paths) == 6
    assert all("limit=100" in path and "includeChildren=true" in path for path in paths)


def test_a_last_page_that_is_full():
    with FleetServer([a_device(n) for n in range(200)]) as server:
        assert len(list(service(server).devices())) == 200
        assert len(server.requests) == 3


def test_what_is_missing_is_left_out():
    devices = [a_device(1), a_device(2, serial=""), a_device(3, serial=None)]
    devices[2]["serialNumber"] = None
    meters = [
        a_meter(1, None, ""),
        a_meter(1, 5, timestamp="never"),
        a_meter(9, 5),
        {"deviceKey": "d1", "timestamp": "2026-01-31T22:10:05Z"},
        {"deviceKey": "d1", "timestamp": "2026-01-31T22:10:05Z", "pageCounts": None},
    ]
    with FleetServer(devices, meters) as server:
        found = list(service(server).devices())
        assert [device["serial"] for device in found] == ["SN-1"]
        assert list(service(server).readings(found)) == []


def test_the_format_that_is_billed_on_and_since_when():
    with FleetServer([a_device(1)], [a_meter(1, 5)]) as server:
        life = service(server, count_format="life")
        found = list(life.devices())
        assert [r["value"] for r in life.readings(found)] == [7]
        assert list(life.readings(found, datetime(2026, 2, 1))) == []
        assert len(list(life.readings(found, datetime(2026, 1, 31, 22, 10, 5)))) == 1


@pytest.mark.parametrize(
    "faults",
    [
        [500, 503],
        [(429, {"Retry-After": "7"})],
        ["close"],
        ["half"],
        ["html"],
        ["broken"],
        [("slow", 1.5)],
    ],
)
def test_what_goes_wrong_once_is_tried_again(faults):
    waits = []
    with FleetServer([a_device(1)], faults=faults) as server:
        found = list(service(server, waits=waits, timeout=0.7).devices())
    assert [device["serial"] for device in found] == ["SN-1"]
    assert len(waits) == len(faults)
    if faults[0] == (429, {"Retry-After": "7"}):
        assert waits == [7]


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ([500] * 9, "status"),
        ([(429, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"})] * 9, "status"),
        (["close"] * 9, "connection"),
        (["html"] * 9, "no_json"),
        (["object"], "no_list"),
        ([404], "status"),
        ([(302, {"Location": "http://127.0.0.1:1/"})], "status"),
        ([("slow", 1.5)] * 9, "timeout"),
    ],
)
def test_what_stays_wrong(faults, code):
    waits = []
    with FleetServer([a_device(1)], faults=faults) as server:
        with pytest.raises(FleetError) as caught:
            list(service(server, waits=waits, timeout=0.5).devices())
    assert caught.value.code == code
    assert len(server.requests) == (4 if len(faults) > 1 else 1)
    assert all(wait <= 60 for wait in waits)


def test_a_key_that_is_refused_is_not_tried_again():
    with FleetServer([a_device(1)]) as server:
        with pytest.raises(FleetRefused):
            service(server, key="wrong").check()
        assert len(server.requests) == 1
        assert KEY not in str(server.requests)
        service(server).check()


def test_the_same_page_over_and_over():
    with FleetServer([a_device(n) for n in range(100)]) as server:
        server.is_endless = True
        with pytest.raises(FleetError) as caught:
            list(service(server).devices())
    assert caught.value.code == "endless"
    assert len(server.requests) == 2


def test_nobody_is_there_or_the_address_is_none():
    with FleetServer() as server:
        gone = server.url
    with pytest.raises(FleetError) as caught:
        PrintTracker(gone, KEY, "dealer-1", sleep=lambda _s: None).check()
    assert caught.value.code == "connection"
    for address in ("file:///etc/passwd", "ftp://x", "x", "http://"):
        with pytest.raises(FleetError) as caught:
            PrintTracker(address, KEY, "dealer-1")
        assert caught.value.code == "address"
