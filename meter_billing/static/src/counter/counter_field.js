/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus } from "@web/core/utils/hooks";
import { formatInteger } from "@web/views/fields/formatters";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { parseCounter } from "./counter";

/**
 * Input of a counter value. Odoo's integer field refuses values above 2^31 - 1 and
 * takes 0 for "nothing entered"; a counter of a new device stands at 0.
 */
export class CounterField extends Component {
    static template = "meter_billing.CounterField";
    static props = { ...standardFieldProps };

    setup() {
        // What is being typed; null while the input shows the record's value.
        this.state = useState({ typed: null, error: "" });
        const { bus } = this.props.record.model;
        useBus(bus, "WILL_SAVE_URGENTLY", () => this.commit());
        useBus(bus, "NEED_LOCAL_CHANGES", (ev) => ev.detail.proms.push(this.commit()));
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    get text() {
        return this.state.typed ?? formatInteger(this.value);
    }

    onInput(ev) {
        const { name, record } = this.props;
        this.state.typed = ev.target.value;
        this.state.error = "";
        record.resetFieldValidity(name);
        record.model.bus.trigger("FIELD_IS_DIRTY", true);
    }

    /** Hand what was typed to the record, or say what is wrong with it. */
    async commit() {
        const { name, record } = this.props;
        if (this.state.typed === null) {
            return;
        }
        let value;
        try {
            value = parseCounter(this.state.typed);
        } catch (error) {
            this.state.error = error.message;
            await record.setInvalidField(name);
            return;
        }
        this.state.typed = null;
        if (value !== this.value) {
            await record.update({ [name]: value });
        }
        record.model.bus.trigger("FIELD_IS_DIRTY", false);
    }
}

export const counterField = {
    component: CounterField,
    displayName: _t("Counter"),
    supportedTypes: ["integer"],
    isEmpty: (record, fieldName) => record.data[fieldName] === false,
};

registry.category("fields").add("counter", counterField);
