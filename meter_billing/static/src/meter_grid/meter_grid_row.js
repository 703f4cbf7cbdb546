/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { Component, useState } from "@odoo/owl";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { formatInteger } from "@web/views/fields/formatters";
import { getSumWarning } from "./meter_cell";

/** A device in the grid. A component of its own: typing renders one row, not all. */
export class MeterGridRow extends Component {
    static template = "meter_billing.MeterGridRow";
    static props = {
        device: Object,
        types: Array,
        date: String, // ISO day of the readings
        onEntered: Function, // told by how many the number of entered values changed
    };

    setup() {
        this.device = useState(this.props.device);
    }

    formatInteger(value) {
        return formatInteger(value);
    }

    formatDate(isoDay) {
        return isoDay ? formatDate(deserializeDate(isoDay)) : "";
    }

    get sumWarning() {
        return getSumWarning(Object.values(this.device.cells));
    }

    /** "1,200 – 1,800": what is expected, or nothing where it is not known. */
    formatExpected(cell) {
        return cell.expected ? cell.expected.map((value) => formatInteger(value)).join(" – ") : "";
    }

    /** The cell of a meter type with what the template shows of it, or null. */
    getCell(type) {
        const cell = this.device.cells[type.id];
        return (
            cell && {
                cell,
                pages: cell.getPages(this.props.date),
                warning: cell.error ? "" : cell.getWarning(this.props.date),
                messageId: `o_meter_message_${cell.id}`,
                expectedId: `o_meter_expected_${cell.id}`,
            }
        );
    }

    onInput(cell, ev) {
        const before = cell.isEntered;
        Object.assign(cell, { text: ev.target.value, error: "", note: "" });
        if (before !== cell.isEntered) {
            this.props.onEntered(cell.isEntered ? 1 : -1);
        }
    }

    onChange(cell) {
        if (cell.validate() && cell.value !== false) {
            cell.text = formatInteger(cell.value);
        }
    }
}
