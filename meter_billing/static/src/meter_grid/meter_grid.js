/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { Component, onMounted, onWillStart, reactive, useRef, useState } from "@odoo/owl";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { MeterCell } from "./meter_cell";
import { MeterGridRow } from "./meter_grid_row";

/** With fewer devices than this a filter box is only in the way. */
const FILTER_FROM = 16;

/** "Update meters": all meters of a customer's devices on one page, saved in one go. */
export class MeterGrid extends Component {
    static template = "meter_billing.MeterGrid";
    static components = { DateTimeInput, Layout, MeterGridRow };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.notification = useService("notification");
        this.dialog = useService("dialog");
        this.table = useRef("table");
        this.saveButton = useRef("saveButton");
        this.partnerId = this.props.action.context.active_id;
        // Devices stay out of the state: each row follows its own.
        this.devices = [];
        this.types = [];
        this.state = useState({ date: false, entered: 0, filter: "", isSaving: false });
        this.onEntered = (change) => (this.state.entered += change);
        useSetupAction({
            beforeLeave: (options) => this.beforeLeave(options),
            beforeUnload: (ev) => this.beforeUnload(ev),
        });
        onWillStart(() => this.load());
        onMounted(() => this.inputs[0]?.focus());
    }

    // --- What the template shows ---

    get cellCount() {
        return this.cells.length;
    }

    get hasFilter() {
        return this.devices.length >= FILTER_FROM;
    }

    get visibleDevices() {
        const words = this.state.filter.toLowerCase().split(/\s+/).filter(Boolean);
        return this.devices.filter((device) =>
            words.every((word) => device.searchText.includes(word))
        );
    }

    get isInFuture() {
        return this.state.date && this.state.date > this.today;
    }

    get isoDate() {
        return serializeDate(this.state.date || this.today);
    }

    get countText() {
        return _t("%(entered)s of %(all)s entered", {
            entered: this.state.entered,
            all: this.cellCount,
        });
    }

    get inputs() {
        return [...(this.table.el?.querySelectorAll("input") || [])];
    }

    // --- Loading ---

    get cells() {
        return this.devices.flatMap((device) => Object.values(device.cells));
    }

    fetch() {
        return this.orm.call("meter.reading", "grid_load", [this.partnerId]);
    }

    async load() {
        if (!this.partnerId) {
            return;
        }
        const grid = await this.fetch();
        this.types = grid.types;
        this.today = deserializeDate(grid.date);
        this.state.date = this.today;
        this.devices = grid.devices.map((device) => this.makeDevice(device, grid));
        this.env.config.setDisplayName(_t("Update Meters: %s", grid.partner));
    }

    makeDevice(device, grid) {
        const cells = {};
        for (const type of grid.types) {
            const meter = device.meters[type.id];
            if (meter) {
                const label = `${device.serial}, ${type.name}`;
                cells[type.id] = new MeterCell(meter, label, type.category);
            }
        }
        const { id, serial, model, place } = device;
        // Where it stands is news only where it is another address.
        const location = device.location === grid.partner ? "" : device.location;
        const searchText = [serial, model, location, place].join(" ").toLowerCase();
        return { id, serial, model, location, place, cells, searchText };
    }

    // --- Entering ---

    async setDate(date) {
        this.state.date = date;
        if (!date || this.isInFuture) {
            return;
        }
        const cells = this.cells.map((cell) => reactive(cell));
        const expected = await this.orm.call("meter.reading", "grid_expected", [
            serializeDate(date),
            cells.map((cell) => cell.id),
        ]);
        if (date === this.state.date) {
            for (const cell of cells) {
                cell.setExpected(expected[cell.id]);
            }
        }
    }

    /** Enter goes on like Tab, and from the last input to Save; arrows stay in a column. */
    onKeydown(ev) {
        if (ev.target.tagName !== "INPUT" || ev.isComposing) {
            return;
        }
        const inputs = this.inputs;
        const index = inputs.indexOf(ev.target);
        const column = inputs.filter(
            (input) => input.dataset.type === ev.target.dataset.type
        );
        const row = column.indexOf(ev.target);
        const next = {
            Enter: () => inputs[index + 1] || this.saveButton.el,
            ArrowDown: () => column[row + 1],
            ArrowUp: () => column[row - 1],
        }[ev.key]?.();
        if (next) {
            ev.preventDefault();
            next.focus();
            next.select?.();
        }
    }

    // --- Saving ---

    async save() {
        const cells = this.cells.map((cell) => reactive(cell));
        const entered = cells.filter((cell) => cell.isEntered);
        if (!this.canSave(entered)) {
            return;
        }
        this.state.isSaving = true;
        try {
            const { saved, errors, notes } = await this.orm.call(
                "meter.reading",
                "grid_save",
                [
                    serializeDate(this.state.date),
                    entered.map((cell) => ({ meter_id: cell.id, value: cell.value })),
                ]
            );
            for (const cell of entered) {
                cell.error = errors[cell.id] || "";
            }
            if (!this.reportErrors(entered)) {
                await this.afterSave(cells, entered, saved, notes);
            }
        } finally {
            this.state.isSaving = false;
        }
    }

    canSave(entered) {
        const warn = (message) => this.notification.add(message, { type: "warning" });
        if (this.state.isSaving) {
            return false;
        }
        if (!this.state.date || this.isInFuture) {
            warn(_t("Enter the day on which the meters were read, today or before."));
            return false;
        }
        if (!entered.length) {
            warn(_t("Enter at least one reading."));
            return false;
        }
        entered.forEach((cell) => cell.validate());
        return !this.reportErrors(entered);
    }

    /** Show the cells in error and tell whether there are any. */
    reportErrors(entered) {
        const wrong = entered.filter((cell) => cell.error);
        if (!wrong.length) {
            return false;
        }
        this.state.filter = ""; // a hidden cell could not be put right
        this.notification.add(
            _t("Nothing was saved yet. Values to put right: %s", wrong.length),
            { type: "danger" }
        );
        const input = this.inputs.find((el) => Number(el.dataset.meter) === wrong[0].id);
        input?.focus();
        return true;
    }

    async afterSave(cells, entered, saved, notes) {
        for (const cell of entered) {
            Object.assign(cell, { text: "", note: notes[cell.id] || "" });
        }
        this.state.entered = 0;
        const noted = Object.keys(notes).length;
        this.notification.add(
            noted
                ? _t("Readings saved: %(saved)s. See the notes in the grid: %(noted)s", {
                      saved,
                      noted,
                  })
                : _t("Readings saved: %s", saved),
            { type: noted ? "warning" : "success" }
        );
        // Readings on hold or of an earlier day are not the last ones: ask.
        const grid = await this.fetch();
        const meters = new Map(
            grid.devices
                .flatMap((device) => Object.values(device.meters))
                .map((meter) => [meter.id, meter])
        );
        for (const cell of cells) {
            if (meters.has(cell.id)) {
                cell.setLast(meters.get(cell.id));
            }
        }
    }

    // --- Leaving ---

    beforeLeave({ forceLeave } = {}) {
        if (!this.state.entered || forceLeave) {
            return true;
        }
        return new Promise((resolve) => {
            this.dialog.add(ConfirmationDialog, {
                title: _t("Readings not saved"),
                body: _t(
                    "Readings entered but not saved: %s. Leave without them?",
                    this.state.entered
                ),
                // Staying is what Enter and Escape do: nothing is lost by accident.
                confirmLabel: _t("Stay Here"),
                confirm: () => resolve(false),
                dismiss: () => resolve(false),
                cancelLabel: _t("Leave"),
                cancel: () => resolve(true),
            });
        });
    }

    beforeUnload(ev) {
        if (this.state.entered) {
            ev.preventDefault();
            ev.returnValue = "Unsaved readings";
        }
    }
}

registry.category("actions").add("meter_billing.meter_grid", MeterGrid);
