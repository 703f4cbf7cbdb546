/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { Component, onWillStart, useEffect, useRef } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { cookie } from "@web/core/browser/cookie";
import { _t } from "@web/core/l10n/translation";
import { formatFloat, formatInteger } from "@web/views/fields/formatters";

const { DateTime } = luxon;

/** Pages of the last months as bars, what a page brought as a line. */
export class MonthsChart extends Component {
    static template = "meter_billing.MonthsChart";
    static props = { months: Array, open: Function };

    setup() {
        this.canvas = useRef("canvas");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new Chart(this.canvas.el, this.config);
                return () => chart.destroy();
            },
            () => [this.props.months]
        );
    }

    get config() {
        const { months } = this.props;
        const scheme = cookie.get("color_scheme");
        const line = getColor(1, scheme, "odoo");
        return {
            data: {
                labels: months.map(({ month }) => DateTime.fromISO(month).toFormat("LLL yy")),
                datasets: [
                    {
                        type: "line",
                        label: _t("Revenue per page"),
                        data: months.map(({ per_page }) => per_page),
                        yAxisID: "price",
                        borderColor: line,
                        backgroundColor: line,
                        tension: 0.2,
                    },
                    {
                        type: "bar",
                        label: _t("Pages"),
                        data: months.map(({ pages }) => pages),
                        backgroundColor: getColor(0, scheme, "odoo"),
                    },
                ],
            },
            options: {
                maintainAspectRatio: false,
                interaction: { mode: "index", intersect: false },
                onClick: (_ev, [found]) => found && this.props.open(months[found.index].open),
                onHover: (ev, found) => {
                    ev.native.target.style.cursor = found.length ? "pointer" : "default";
                },
                scales: {
                    x: { grid: { display: false } },
                    y: { beginAtZero: true, ticks: { callback: (value) => formatInteger(value) } },
                    price: {
                        position: "right",
                        beginAtZero: true,
                        grid: { display: false },
                        ticks: { callback: (value) => formatFloat(value, { digits: [16, 3] }) },
                    },
                },
                plugins: {
                    tooltip: {
                        callbacks: {
                            label: ({ dataset, raw }) =>
                                `${dataset.label}: ` +
                                (dataset.yAxisID
                                    ? formatFloat(raw, { digits: [16, 4] })
                                    : formatInteger(raw)),
                        },
                    },
                },
            },
        };
    }
}
