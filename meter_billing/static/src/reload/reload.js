// Copyright 2026 Meter Billing contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import {Component, onMounted, onWillUnmount, xml} from "@odoo/owl";
import {registry} from "@web/core/registry";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

const EVERY = 3000;

/** Reloads the record every few seconds, for as long as it is shown. */
export class MeterReload extends Component {
    static template = xml`<span class="visually-hidden" aria-live="polite">…</span>`;
    static props = {...standardWidgetProps};

    setup() {
        let timer = null;
        onMounted(() => {
            timer = setInterval(() => this.props.record.load(), EVERY);
        });
        onWillUnmount(() => clearInterval(timer));
    }
}

registry.category("view_widgets").add("meter_reload", {component: MeterReload});
