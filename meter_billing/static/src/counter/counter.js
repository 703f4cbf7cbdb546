/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { localization } from "@web/core/l10n/localization";
import { _t } from "@web/core/l10n/translation";
import { escapeRegExp } from "@web/core/utils/strings";

/** What was typed is no counter value; the message tells the user what to do. */
export class InvalidCounterError extends Error {}

/**
 * Read a counter value as a person writes it.
 *
 * Thousands may be grouped as the user's language does it, by blanks or by
 * apostrophes; "12.345" is refused where the point is the decimal mark. Counters
 * go beyond 2^31, where Odoo's own integer parser ends.
 *
 * @param {string} text
 * @returns {number|false} false where nothing was typed ("not read", which is not 0)
 * @throws {InvalidCounterError}
 */
export function parseCounter(text) {
    const typed = text.trim();
    if (!typed) {
        return false;
    }
    if (/^[-\u2212]/.test(typed)) {
        throw new InvalidCounterError(_t("A counter is never below 0."));
    }
    const separators = [localization.thousandsSep, "'", "’"]
        .filter(Boolean)
        .map(escapeRegExp);
    const separator = `(?:\\s|${separators.join("|")})`;
    const grouped = new RegExp(
        `^\\d{1,3}(?:${separator}\\d{2,3})*${separator}\\d{3}$`
    );
    if (!/^\d+$/.test(typed) && !grouped.test(typed)) {
        throw new InvalidCounterError(
            _t("Not a whole number. Enter the counter as the device shows it.")
        );
    }
    const value = Number(typed.replace(/\D/g, ""));
    if (!Number.isSafeInteger(value)) {
        throw new InvalidCounterError(_t("Too large for a counter. Check the number."));
    }
    return value;
}
