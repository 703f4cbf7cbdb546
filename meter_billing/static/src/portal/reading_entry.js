// Copyright 2026 Meter Billing contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/** Counters as people write them; the same as the server reads (checking/value.py). */
const COUNTERS = [
    /^\+?(\d{1,3}([.,' \u2019\u00a0\u2009\u202f])\d{3}(?:\2\d{3})*)(?:(?!\2)[.,]0+)?$/,
    /^\+?(\d{1,2}(?:,\d{2})+,\d{3})(?:[.,]0+)?$/,
    /^\+?(\d+)(?:[.,]0+)?$/,
];

/**
 * @param {string} text
 * @returns {number|null} null where it is no whole number: the server says so
 */
export function readCounter(text) {
    for (const counter of COUNTERS) {
        const match = text.trim().match(counter);
        if (match) {
            return Number(match[1].replace(/\D/g, ""));
        }
    }
    return null;
}

/**
 * What is unusual about a value, as far as the page knows it.
 *
 * @param {string} text
 * @param {Object} known last, low and high of the meter as text, each only where known
 * @param {boolean} isDone false while more digits may follow: then a value that is too
 *      low yet may still become right
 * @returns {"lower"|"low"|"high"|null}
 */
export function findUnusual(text, { last, low, high }, isDone) {
    const value = readCounter(text);
    const isBelow = (limit) =>
        limit !== undefined &&
        value < Number(limit) &&
        (isDone || String(value).length >= limit.length);
    if (value === null) {
        return null;
    }
    if (high !== undefined && value > Number(high)) {
        return "high";
    }
    return isBelow(last) ? "lower" : isBelow(low) ? "low" : null;
}

/** Says at once what is unusual, and offers to confirm it. The server has the last word. */
export class ReadingEntry extends Interaction {
    static selector = ".o_meter_entry";
    dynamicContent = {
        // A second tap would send it all again.
        _root: {
            "t-on-submit": () => {
                this.isSent = true;
            },
        },
        // The page as the browser kept it, when somebody goes back to it.
        _window: {
            "t-on-pageshow": () => {
                this.isSent = false;
            },
        },
        "button[type=submit]": { "t-att-disabled": () => this.isSent },
        "input[inputmode=numeric]": {
            "t-on-input": (ev) => this.look(ev.currentTarget, false),
            "t-on-change": (ev) => this.look(ev.currentTarget, true),
        },
    };

    setup() {
        this.isSent = false;
    }

    look(input, isDone) {
        const device = input.closest(".o_meter_entry_device");
        // Another value is another question: what was confirmed is asked anew.
        device.querySelector(".o_meter_entry_confirm input").checked = false;
        const unusual = findUnusual(input.value, input.dataset, isDone);
        const text = unusual
            ? this.el.querySelector(`.o_meter_entry_${unusual}`).textContent.trim()
            : "";
        const said = input.parentElement.querySelector(".o_meter_entry_said");
        if (said.textContent.trim() === text) {
            return; // read aloud once
        }
        said.textContent = text;
        said.classList.remove("text-danger-emphasis");
        said.classList.add("text-warning-emphasis");
        input.classList.remove("is-invalid");
        input.setAttribute("aria-invalid", String(Boolean(text)));
        const confirm = device.querySelector(".o_meter_entry_confirm");
        confirm.hidden = confirm.disabled = ![
            ...device.querySelectorAll(".o_meter_entry_said"),
        ].some((each) => each.textContent.trim());
    }
}

registry.category("public.interactions").add("meter_billing.reading_entry", ReadingEntry);
