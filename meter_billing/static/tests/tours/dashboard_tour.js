/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { registry } from "@web/core/registry";

/** A figure of the dashboard and a first step open their records. */
registry.category("web_tour.tours").add("meter_billing_dashboard", {
    steps: () => [
        {
            content: "What is not done yet is offered",
            trigger: "[data-step=billing].btn-primary",
        },
        {
            trigger: "[data-step=devices]:not(.btn-primary)",
        },
        {
            trigger: ".o_meter_chart canvas",
        },
        {
            trigger: "[data-tile=hold] .o_meter_figure:contains('1')",
            run: "click",
        },
        {
            content: "The reading on hold",
            trigger: ".o_list_view .o_data_row:contains('BT-3001')",
        },
        {
            trigger: ".o_back_button",
            run: "click",
        },
        {
            trigger: "[data-step=contracts]",
            run: "click",
        },
        {
            content: "An empty screen says what to do first",
            trigger: ".o_view_nocontent:contains('Write the first contract')",
        },
    ],
});
