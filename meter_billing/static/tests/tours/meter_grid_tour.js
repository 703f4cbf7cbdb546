/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { registry } from "@web/core/registry";

const input = (meter) => `.o_meter_grid input[aria-label='${meter}']`;

/** Values that cannot be saved: said at the cell, and nothing saved or lost. */
registry.category("web_tour.tours").add("meter_billing_grid_refusals", {
    steps: () => [
        {
            trigger: input("BT-1001, Mono"),
            run: "edit -5 && press Enter",
        },
        {
            trigger: "tr:contains('BT-1001') .o_meter_message:contains('never below 0')",
        },
        {
            trigger: input("BT-1001, Colour"),
            run: "edit 12x && press Enter",
        },
        {
            trigger: "tr:contains('BT-1001') .o_meter_message:contains('Not a whole number')",
        },
        {
            trigger: input("BT-1002, Mono"),
            run: "edit 800",
        },
        {
            trigger: ".o_meter_grid_save",
            run: "click",
        },
        {
            trigger: ".o_notification:contains('Values to put right: 2')",
        },
        {
            content: "The first wrong value has the focus: put it right",
            trigger: `${input("BT-1001, Mono")}:focus`,
            run: "edit 12,500",
        },
        {
            content: "No counter has that many digits: the server says so",
            trigger: input("BT-1001, Colour"),
            run: "edit 9999999999999",
        },
        {
            trigger: ".o_meter_grid_save",
            run: "click",
        },
        {
            trigger: "tr:contains('BT-1001') .o_meter_message:contains('too large')",
        },
        {
            content: "What was typed is still there",
            trigger: ".o_control_panel:contains('3 of 3 entered')",
        },
        {
            content: "Leaving asks first",
            trigger: ".o_main_navbar .o_nav_entry:contains('Customers')",
            run: "click",
        },
        {
            trigger: ".modal:contains('not saved: 3') .btn-primary:contains('Stay Here')",
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) ${input("BT-1002, Mono")}:value(800)`,
        },
        {
            trigger: ".o_main_navbar .o_nav_entry:contains('Customers')",
            run: "click",
        },
        {
            trigger: ".modal .btn:contains('Leave')",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row td:contains('Harbour Office')",
        },
    ],
});

/** A lower value is stored on hold, with a warning before and a note after. */
registry.category("web_tour.tours").add("meter_billing_grid_hold", {
    steps: () => [
        {
            trigger: input("BT-1001, Mono"),
            run: "edit 9,000",
        },
        {
            trigger: "tr:contains('BT-1001') .o_meter_pages .text-danger:contains('-1,000')",
        },
        {
            trigger: "tr:contains('BT-1001') .o_meter_message:contains('Lower than the last')",
        },
        {
            trigger: input("BT-1002, Mono"),
            run: "edit 800",
        },
        {
            trigger: ".o_meter_grid_save",
            run: "click",
        },
        {
            trigger: "tr:contains('BT-1001') .o_meter_message:contains('Saved, but on hold')",
        },
        {
            content: "The reading on hold is not the last one",
            trigger: "tr:contains('BT-1001') .o_meter_last:contains('10,000')",
        },
        {
            trigger: "tr:contains('BT-1002') .o_meter_last:contains('800')",
        },
    ],
});
