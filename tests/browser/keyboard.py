# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Somebody who uses a page with a keyboard alone, in the browser of Odoo's tests."""

import json
import threading
import time
from urllib.parse import urljoin

from odoo.tests.common import ChromeBrowser, ChromeBrowserException

#: DevTools: what a key is; keys that produce text have it.
KEYS = {
    "Tab": {"code": "Tab", "windowsVirtualKeyCode": 9},
    "Enter": {"code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"},
    "Space": {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32, "text": " "},
    "ArrowDown": {"code": "ArrowDown", "windowsVirtualKeyCode": 40},
}
SHIFT = 8
#: Seconds for a page to come, also where all its scripts are built first.
PATIENCE = 60
#: Nobody presses Tab more often than this to get to a form.
MOST_TABS = 90
#: Without transitions what is focused looks so at once.
STILL = """document.head.append(Object.assign(document.createElement("style"), {
    textContent: "*, *::before, *::after { transition: none !important }"}))"""
#: What has the focus, inside shadow roots as well, and whether that can be seen: it
#: looks otherwise than without it.
FOCUSED = """(() => {
    let el = document.activeElement;
    while (el?.shadowRoot?.activeElement) {
        el = el.shadowRoot.activeElement;
    }
    if (!el || el === document.body) {
        return null;
    }
    const look = () => {
        const style = getComputedStyle(el);
        return ["outline", "boxShadow", "borderColor", "backgroundColor", "color",
            "textDecoration"].map((name) => style[name]).join();
    };
    const focused = look();
    let plain = "";
    if (el.type !== "date") { // it has several parts, and would begin with the first
        el.blur();
        plain = look();
        el.focus();
    }
    const box = el.getBoundingClientRect();
    return {
        html: el.outerHTML.slice(0, 200),
        matches: %s ? el.matches(%s) : false,
        isSeen: box.width > 0 && box.height > 0 && focused !== plain,
    };
})()"""


class Keyboard:
    """A browser that is used by its keys alone."""

    def __init__(self, test):
        """Start the browser; it is stopped at the end of the test.

        :param test: the HttpCase, which has to allow its requests
        """
        self.test = test
        self.browser = ChromeBrowser(test)
        self._is_open = True
        test.addCleanup(self.close)
        self._chooser = None
        self._opened = threading.Event()
        self.browser._handlers["Page.fileChooserOpened"] = self._note_chooser
        self._ask("Page.setInterceptFileChooserDialog", enabled=True)

    def close(self):
        """Stop the browser."""
        if self._is_open:
            self._is_open = False
            self.browser.stop()

    def _note_chooser(self, **chooser):
        self._chooser = chooser
        self._opened.set()

    def _ask(self, method, **params):
        return self.browser._websocket_request(method, params=params)

    def run(self, code):
        """Return what JavaScript evaluates to in the page."""
        answer = self._ask("Runtime.evaluate", expression=code, returnByValue=True)
        return answer["result"].get("value")

    def wait_for(self, condition, what):
        """Wait until JavaScript is true, also beyond the page that it began in."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.run(condition):
                    return
            except ChromeBrowserException:
                pass  # the page was just leaving
            time.sleep(0.05)
        self.test.fail(f"{what}\n{self.run('document.body.innerText')}")

    def open(self, path):
        """Open a page, the focus where a page has it at first."""
        self.browser.navigate_to(urljoin(self.test.base_url(), path), wait_stop=True)
        self._settle(path)

    def _settle(self, what):
        self.wait_for(
            "document.readyState === 'complete' && !window.isLeft "
            "&& document.body.getAttribute('is-ready') === 'true'",
            f"{what} does not get ready",
        )
        self.run(STILL)

    def press(self, key, shift=False):
        """Press a key of KEYS, or one that produces its letter."""
        known = KEYS.get(key, {"text": key})
        params = {"key": key, **known, "modifiers": SHIFT if shift else 0}
        kind = "keyDown" if "text" in known else "rawKeyDown"
        self._ask("Input.dispatchKeyEvent", type=kind, **params)
        params.pop("text", None)
        self._ask("Input.dispatchKeyEvent", type="keyUp", **params)

    def tab_to(self, selector, back=False):
        """Press Tab until an element has the focus; all on the way are to be seen.

        :param str selector: in CSS
        :param bool back: with Shift
        """
        wanted = json.dumps(selector)
        for _count in range(MOST_TABS):
            self.press("Tab", shift=back)
            focused = self.run(FOCUSED % (wanted, wanted))
            if focused:
                self.test.assertTrue(focused["isSeen"], focused["html"])
                if focused["matches"]:
                    return
        self.test.fail(f"Tab does not get to {selector}")

    def type(self, text):
        """Type into what has the focus."""
        self._ask("Input.insertText", text=text)

    def fill(self, selector, text):
        """Go to a field and type."""
        self.tab_to(selector)
        self.type(text)

    def choose_file(self, selector, path):
        """Go to a field for a file, open it by a key and choose one."""
        self.tab_to(selector)
        self._opened.clear()
        self.press("Enter")
        self.test.assertTrue(self._opened.wait(10), f"{selector} opens no files")
        self._ask(
            "DOM.setFileInputFiles",
            files=[str(path)],
            backendNodeId=self._chooser["backendNodeId"],
        )

    def send(self, selector, words):
        """Go to the button of a form, press Enter, and read what comes back."""
        self.tab_to(selector)
        self.run("window.isLeft = true")
        self.press("Enter")
        self._settle(f"What {selector} sends")
        self.test.assertIn(words, self.run("document.body.innerText"))
