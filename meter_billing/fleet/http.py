# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""JSON over HTTP from a service that may be slow, overloaded or broken."""

import json
import time
from urllib.parse import urlsplit

import requests

TIMEOUT = 30  # seconds, to connect and between two parts of an answer
TRIES = 4
LONGEST_WAIT = 60  # seconds, whatever the service asks for
LARGEST_ANSWER = 50 * 1024 * 1024


class FleetError(Exception):
    """The service cannot be read from now. ``code`` says why."""

    def __init__(self, code, **facts):
        super().__init__(f"{code} {facts}")
        self.code = code
        self.facts = facts


class FleetRefused(FleetError):
    """The service does not accept the key: asking again will not help."""


class JsonClient:
    """Asks one service, and tries again where that may help.

    :param str base: address of the service, http or https
    :param dict headers: sent with each request, the key among them
    :param sleep: function that waits for a number of seconds
    """

    def __init__(self, base, headers, timeout=TIMEOUT, sleep=time.sleep):
        if urlsplit(base).scheme not in ("http", "https") or not urlsplit(base).netloc:
            raise FleetError("address", address=base)
        self.base = base.rstrip("/")
        self.timeout = timeout
        self.sleep = sleep
        self.session = requests.Session()
        self.session.headers.update({"Accept": "application/json", **headers})

    def get(self, path, **query):
        """Return what the service answers, as JSON.

        :raises FleetRefused: the key is not accepted
        :raises FleetError: no answer, or none that can be used, after some tries
        """
        problem = None
        for attempt in range(TRIES):
            if attempt:
                self.sleep(self._get_wait(attempt, problem))
            try:
                return self._get_once(path, query)
            except FleetRefused:
                raise
            except FleetError as error:
                if not error.facts.get("again"):
                    raise
                problem = error
        raise problem

    def _get_once(self, path, query):
        try:
            answer = self.session.get(
                f"{self.base}{path}",
                params=query,
                timeout=self.timeout,
                allow_redirects=False,  # the key is for this service alone
                stream=True,
            )
            with answer:
                self._check_status(answer)
                content = self._read(answer)
        except requests.RequestException as error:
            kind = "timeout" if isinstance(error, requests.Timeout) else "connection"
            raise FleetError(kind, again=True) from error
        try:
            return json.loads(content)
        except ValueError as error:
            raise FleetError("no_json", again=True) from error

    @staticmethod
    def _check_status(answer):
        status = answer.status_code
        if status in (401, 403):
            raise FleetRefused("refused", status=status)
        if status == 429 or status >= 500:
            raise FleetError(
                "status",
                status=status,
                again=True,
                wait=answer.headers.get("Retry-After"),
            )
        if status != 200:
            raise FleetError("status", status=status)

    @staticmethod
    def _read(answer):
        parts, size = [], 0
        for part in answer.iter_content(65_536):
            size += len(part)
            if size > LARGEST_ANSWER:
                raise FleetError("too_large")
            parts.append(part)
        return b"".join(parts)

    @staticmethod
    def _get_wait(attempt, problem):
        try:
            asked = float(problem.facts.get("wait") or 0)
        except ValueError:  # a date: rarely used, and a guess does as well
            asked = 0
        return min(max(asked, 2**attempt), LONGEST_WAIT)
