/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { registry } from "@web/core/registry";

// A row that is edited has no text to find it by.
const openingValue = (row) => `.o_data_row:nth-child(${row}) td[name=opening_value]`;
const MONO = openingValue(1);
const COLOUR = openingValue(2);

/** A device with a counter at 0 and one above what Odoo's integer field takes. */
registry.category("web_tour.tours").add("meter_billing_new_device", {
    steps: () => [
        {
            trigger: ".o_list_button_add",
            run: "click",
        },
        {
            trigger: "[name=serial_number] input",
            run: "edit BT-2001",
        },
        {
            trigger: "[name=model_id] input",
            run: "edit C 300",
        },
        {
            trigger: ".ui-autocomplete a:contains('C 300')",
            run: "click",
        },
        {
            trigger: MONO,
            run: "click",
        },
        {
            content: "Leaving the input with Tab keeps the 0",
            trigger: `${MONO} input`,
            run: "edit 0 && press Tab",
        },
        {
            trigger: COLOUR,
            run: "click",
        },
        {
            trigger: `${MONO}:contains(/^0$/)`,
        },
        {
            trigger: `${COLOUR} input`,
            run: "edit 12.5 && press Tab",
        },
        {
            trigger: `${COLOUR} [role=alert]:contains('Not a whole number')`,
        },
        {
            trigger: `${COLOUR} input`,
            run: "edit 4,294,967,295",
        },
        {
            trigger: ".o_form_button_save",
            run: "click",
        },
        {
            trigger: ".o_form_saved, .o_form_view:has(.o_form_status_indicator_buttons.invisible)",
        },
        {
            trigger: `${COLOUR}:contains('4,294,967,295')`,
        },
    ],
});
