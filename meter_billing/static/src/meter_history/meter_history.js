/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { Component, onWillStart, useEffect, useRef, useState } from "@odoo/owl";
import { loadBundle } from "@web/core/assets";
import { getColor } from "@web/core/colors/colors";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { formatInteger } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

/** A device's readings, events, corrections and bills as one timeline, with a chart. */
export class MeterHistory extends Component {
    static template = "meter_billing.MeterHistory";
    static components = { Layout };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.canvas = useRef("canvas");
        this.deviceId = this.props.action.context.active_id;
        this.state = useState({ entries: [], meters: [], meterId: 0, since: false });
        onWillStart(async () => {
            await Promise.all([loadBundle("web.chartjs_lib"), this.load()]);
        });
        useEffect(
            () => this.drawChart(),
            () => [this.state.entries, this.state.meterId]
        );
    }

    async load(isAll = !this.state.since && this.state.entries.length > 0) {
        if (!this.deviceId) {
            return;
        }
        const history = await this.orm.call("meter.device", "history_load", [
            this.deviceId,
            isAll,
        ]);
        const { entries, meters, since } = history;
        Object.assign(this.state, { entries, meters, since });
        this.env.config.setDisplayName(_t("History: %s", history.device));
    }

    // --- What the template shows ---

    get visibleEntries() {
        const { entries, meterId } = this.state;
        return entries.filter((entry) => !meterId || entry.meter_id === meterId);
    }

    getMeterName(entry) {
        return this.state.meters.find((meter) => meter.id === entry.meter_id)?.name;
    }

    formatDate(isoDay) {
        return formatDate(deserializeDate(isoDay));
    }

    formatInteger(value) {
        return formatInteger(value);
    }

    getIcon(entry) {
        return {
            reading: entry.is_estimate ? "fa-question-circle-o" : "fa-tachometer",
            event: "fa-bolt text-info",
            bill: "fa-file-text-o text-primary",
            opening: "fa-flag-o",
        }[entry.kind];
    }

    getBadge(entry) {
        return {
            valid: "text-bg-success",
            hold: "text-bg-warning",
            rejected: "text-bg-danger",
            superseded: "text-bg-secondary",
        }[entry.state];
    }

    // --- The chart ---

    /** Draw each meter's valid values over time, and what waits or was wrong beside. */
    drawChart() {
        if (!this.canvas.el) {
            return;
        }
        const chart = new window.Chart(this.canvas.el, {
            type: "line",
            data: { datasets: this.datasets },
            options: {
                maintainAspectRatio: false,
                animation: false,
                parsing: false,
                interaction: { mode: "nearest", intersect: false },
                scales: {
                    x: {
                        type: "linear",
                        ticks: {
                            maxRotation: 0,
                            callback: (days) => this.formatDay(days),
                        },
                    },
                    y: { ticks: { callback: (value) => formatInteger(value) } },
                },
                plugins: {
                    legend: { display: this.state.meters.length > 1 },
                    tooltip: {
                        callbacks: {
                            title: ([point]) => this.formatDay(point.parsed.x),
                            label: (point) => this.getPointLabel(point),
                        },
                    },
                },
            },
        });
        return () => chart.destroy();
    }

    get datasets() {
        const { meters, meterId } = this.state;
        const shown = meters.filter((meter) => !meterId || meter.id === meterId);
        const entries = [...this.state.entries].reverse();
        return shown.map((meter) => {
            const color = getColor(meters.indexOf(meter), "light", "sm");
            const points = entries
                .filter(
                    (entry) => entry.meter_id === meter.id && entry.kind !== "bill"
                )
                .flatMap((entry) => this.getPoints(entry));
            return {
                label: meter.name,
                data: points,
                borderColor: color,
                backgroundColor: color,
                pointRadius: points.map((point) => (point.entry ? 4 : 0)),
                pointStyle: points.map((point) => this.getPointStyle(point.entry)),
                segment: { borderDash: (ctx) => this.getDash(points, ctx) },
                spanGaps: true,
            };
        });
    }

    getPoints(entry) {
        const x = deserializeDate(entry.date).toMillis() / 86400000;
        if (entry.kind === "event") {
            return [
                { x, y: entry.closing_value },
                { x, y: entry.value, entry },
            ];
        }
        // What is not valid is no part of the line: it stands below in the list.
        return !entry.state || entry.state === "valid"
            ? [{ x, y: entry.value, entry }]
            : [];
    }

    getPointStyle(entry) {
        return entry?.kind === "event" ? "triangle" : entry?.is_estimate ? "rect" : "circle";
    }

    getDash(points, ctx) {
        return points[ctx.p1DataIndex]?.entry?.is_estimate ? [4, 4] : undefined;
    }

    getPointLabel(point) {
        const { entry } = point.raw;
        const value = formatInteger(point.parsed.y);
        return `${point.dataset.label}: ${value}${entry ? ` (${entry.title})` : ""}`;
    }

    formatDay(days) {
        return formatDate(luxon.DateTime.fromMillis(days * 86400000));
    }

    // --- Doing ---

    openEntry(entry) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: entry.model,
            res_id: entry.id,
            views: [[false, "form"]],
        });
    }

    /** Accept, correct or reject a reading, and show what became of it. */
    async decide(entry, method) {
        const action = await this.orm.call(entry.model, method, [[entry.id]]);
        await this.action.doAction(action, { onClose: () => this.load() });
    }
}

registry.category("actions").add("meter_billing.meter_history", MeterHistory);
