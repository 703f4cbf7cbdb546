/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { Component, onWillStart, useState } from "@odoo/owl";
import { formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger, formatPercentage } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { MonthsChart } from "./months_chart";

const { DateTime } = luxon;

const STEPS = {
    models: _t("Say which models you place"),
    devices: _t("Add your devices"),
    contracts: _t("Start a contract"),
    readings: _t("Bring in readings"),
    billing: _t("Bill for the first time"),
};

/** What a back office looks at in the morning. Every figure opens its records. */
export class MeterDashboard extends Component {
    static template = "meter_billing.Dashboard";
    static components = { Layout, MonthsChart };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.orm = useService("orm");
        this.state = useState({ figures: null });
        onWillStart(() => this.load());
    }

    async load() {
        this.state.figures = await this.orm.call("meter.dashboard", "get_figures", []);
    }

    get steps() {
        return this.state.figures.steps.map((step) => ({ ...step, name: STEPS[step.key] }));
    }

    get tiles() {
        return this.state.figures.tiles;
    }

    get nextBilling() {
        const { next_day, next_count } = this.tiles.to_bill;
        return next_day && _t("Next: %(date)s, %(count)s contracts", {
            date: formatDate(DateTime.fromISO(next_day)),
            count: formatInteger(next_count),
        });
    }

    get moversMonth() {
        const [mover] = this.state.figures.movers;
        return DateTime.fromISO(mover.month).toFormat("LLLL yyyy");
    }

    number(value) {
        return formatInteger(value);
    }

    percent(value) {
        return formatPercentage(value, { digits: [16, 0] });
    }

    change(mover) {
        return (mover.pages > mover.before ? "+" : "−") +
            formatInteger(Math.abs(mover.pages - mover.before));
    }

    open({ name, res_model, domain, context }) {
        this.action.doAction({
            type: "ir.actions.act_window",
            name,
            res_model,
            domain,
            context,
            views: res_model.endsWith(".report")
                ? [[false, "pivot"], [false, "list"]]
                : [[false, "list"], [false, "form"]],
        });
    }

    openDevice(id) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: "meter.device",
            res_id: id,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("meter_billing.dashboard", MeterDashboard);
