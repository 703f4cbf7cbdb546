/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { _t } from "@web/core/l10n/translation";
import { parseCounter } from "../counter/counter";

/** One meter in the grid: its last reading and what is being entered. */
export class MeterCell {
    constructor(meter, label) {
        this.id = meter.id;
        this.label = label;
        this.text = "";
        this.error = "";
        this.note = "";
        this.setLast(meter);
    }

    setLast(meter) {
        this.lastValue = meter.last_value;
        this.lastDate = meter.last_date;
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
        return this.getPages(date) < 0
            ? _t("Lower than the last reading: it will be put on hold.")
            : "";
    }
}
