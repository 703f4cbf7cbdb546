/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { _t } from "@web/core/l10n/translation";
import { parseCounter } from "../counter/counter";

/** One meter in the grid: its last reading and what is being entered. */
export class MeterCell {
    constructor(meter, label, category) {
        this.id = meter.id;
        this.label = label;
        this.category = category;
        this.text = "";
        this.error = "";
        this.note = "";
        this.setLast(meter);
    }

    setLast(meter) {
        this.lastValue = meter.last_value;
        this.lastDate = meter.last_date;
        this.setExpected(meter.expected);
    }

    /** Take [lowest, highest] that is expected, or false where it is not known. */
    setExpected(expected) {
        this.expected = expected;
    }

    get isEntered() {
        return Boolean(this.text.trim());
    }

    /** The value typed, or false where there is none or it is no counter value. */
    get value() {
        try {
            return parseCounter(this.text);
        } catch {
            return false;
        }
    }

    /** Put the reason at the cell where the text is no counter value. */
    validate() {
        try {
            parseCounter(this.text);
            this.error = "";
        } catch (error) {
            this.error = error.message;
        }
        return !this.error;
    }

    /**
     * Pages since the last reading, or false where they cannot be told.
     *
     * @param {string} date ISO day of the new reading
     */
    getPages(date) {
        const comparable = this.lastValue !== false && this.lastDate <= date;
        return comparable && this.value !== false && this.value - this.lastValue;
    }

    /**
     * What the user should know before saving: nothing here keeps from saving.
     *
     * @param {string} date ISO day of the new reading
     */
    getWarning(date) {
        if (this.value === false) {
            return "";
        }
        if (this.lastDate && this.lastDate > date) {
            return _t("There is a newer reading than this date.");
        }
        if (this.getPages(date) < 0) {
            return _t("Lower than the last reading: it will be put on hold.");
        }
        const [low, high] = this.expected || [0, Infinity];
        if (this.value > high) {
            return _t("Higher than expected. Check the number.");
        }
        return this.value < low ? _t("Lower than expected. Check the number.") : "";
    }
}

// As the check of sums on the server: devices count aborted pages differently.
const TOLERANCE = 0.02;
const FEWEST_PAGES = 10;

/**
 * What does not fit between the meters of one device: the total is mono and colour
 * together, of the counters themselves or of what they have counted.
 *
 * @param {MeterCell[]} cells of one device
 */
export function getSumWarning(cells) {
    const of = (category) => cells.filter((cell) => cell.category === category);
    const totals = of("total");
    const mono = of("mono");
    const colour = of("colour");
    const parts = [...mono, ...colour];
    const entered = [...totals, ...parts].every((cell) => cell.value !== false);
    if (totals.length !== 1 || !mono.length || !colour.length || !entered) {
        return "";
    }
    const [total] = totals;
    const sum = (getValue) => parts.reduce((all, cell) => all + getValue(cell), 0);
    const fits = (whole, together) =>
        Math.abs(whole - together) <= Math.max(Math.abs(whole) * TOLERANCE, FEWEST_PAGES);
    if (
        fits(total.value, sum((cell) => cell.value)) ||
        fits(
            total.value - total.lastValue,
            sum((cell) => cell.value - cell.lastValue)
        )
    ) {
        return "";
    }
    return _t("The total does not fit mono and colour together. Check the numbers.");
}
