/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { registry } from "@web/core/registry";
import { stepUtils } from "@web_tour/tour_utils";

/** From the customer's counters to the posted invoice, as a clerk does it. */
registry.category("web_tour.tours").add("meter_billing_main_job", {
    steps: () => [
        stepUtils.showAppsMenuItem(),
        {
            content: "Open the app",
            trigger: ".o_app[data-menu-xmlid='meter_billing.menu_meter_billing']",
            run: "click",
        },
        {
            content: "Leave the dashboard for the customers",
            trigger: ".o_menu_sections [data-menu-xmlid='meter_billing.menu_meter_customer']",
            run: "click",
        },
        {
            content: "Open the customer",
            trigger: ".o_data_row td:contains('Harbour Office')",
            run: "click",
        },
        {
            content: "Update meters",
            trigger: ".o_form_view button[name=action_update_meters]",
            run: "click",
        },
        {
            content: "Typing starts in the first input; Enter goes on to the next",
            trigger: ".o_meter_grid input[aria-label='BT-1001, Mono']:focus",
            run: "edit 12,500 && press Enter",
        },
        {
            content: "The pages since the last reading show as one types",
            trigger: "tr:contains('BT-1001') .o_meter_pages:contains('2,500')",
        },
        {
            content: "A counter above 32 bits",
            trigger: ".o_meter_grid input[aria-label='BT-1001, Colour']:focus",
            run: "edit 4294967796 && press Enter",
        },
        {
            content: "The last one",
            trigger: ".o_meter_grid input[aria-label='BT-1002, Mono']:focus",
            run: "edit 800",
        },
        {
            trigger: ".o_control_panel:contains('3 of 3 entered')",
        },
        {
            content: "Enter on the last input goes to Save",
            trigger: ".o_meter_grid input[aria-label='BT-1002, Mono']",
            run: "press Enter",
        },
        {
            trigger: ".o_meter_grid_save:focus",
            run: "press Enter",
        },
        {
            content: "What was entered is the last reading now",
            trigger: "tr:contains('BT-1001') .o_meter_last:contains('4,294,967,796')",
        },
        {
            trigger: ".o_control_panel:contains('0 of 3 entered')",
        },
        {
            content: "Back to the customer: nothing asks, nothing is unsaved",
            trigger: ".breadcrumb a:contains('Harbour Office')",
            run: "click",
        },
        {
            content: "Open its contracts",
            trigger: "button[name=action_view_meter_contracts]",
            run: "click",
        },
        {
            trigger: ".o_list_view .o_data_row:contains('Harbour Office') td[name=name]",
            run: "click",
        },
        {
            content: "Bill",
            trigger: "button[name=action_bill_now]",
            run: "click",
        },
        {
            content: "Open the invoice from the statement",
            trigger: "button[name=action_view_invoices]",
            run: "click",
        },
        {
            content: "It is posted",
            trigger: ".o_statusbar_status .o_arrow_button_current:contains('Posted')",
        },
    ],
});
