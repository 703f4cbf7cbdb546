/* Copyright 2026 Meter Billing contributors
   License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl). */

import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** From the home page to a reading that is unusual, confirmed and held. */
tours.add("meter_billing_portal_reading", {
    url: "/my",
    steps: () => [
        {
            trigger: "a[href='/my/devices']:contains(Devices)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "a[aria-label='Enter readings of BT-1001']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The last value is shown",
            trigger: ".o_meter_entry .form-text:contains('12,500')",
        },
        {
            content: "Nothing is asked while nothing is unusual",
            trigger: ".o_meter_entry_confirm:not(:visible)",
        },
        {
            trigger: "label:contains(Mono) + input",
            run: "edit 99999",
        },
        {
            content: "It says at once that it is much more than usual",
            trigger: ".o_meter_entry_said:visible:contains('much more')",
        },
        {
            trigger: "input[type=file][capture]:visible",
        },
        {
            trigger: "label:contains(Mono) + input",
            run: "edit 12.800",
        },
        {
            content: "A usual value takes it back",
            trigger: ".o_meter_entry_confirm:not(:visible)",
        },
        {
            trigger: "label:contains(Mono) + input",
            run: "edit 12000 && press Tab",
        },
        {
            content: "It says at once that it is lower",
            trigger: ".o_meter_entry_said:visible:contains(lower)",
        },
        {
            trigger: "input[name^=note_]",
            run: "edit The board was changed",
        },
        {
            trigger: "input[name^=confirmed_]",
            run: "check",
        },
        {
            content: "Confirmed right there, it is sent once",
            trigger: ".o_meter_entry button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[role=status]:contains('We check it before it counts')",
        },
    ],
});

/** What is behind the label of a device, without a login. */
tours.add("meter_billing_device_label", {
    steps: () => [
        {
            trigger: "h2:contains(BT-1001)",
        },
        {
            trigger: "label:contains(Mono) + input",
            run: "edit 99999",
        },
        {
            content: "What is usual is not told to who has no login",
            trigger: ".o_meter_entry_confirm:not(:visible)",
        },
        {
            trigger: "label:contains(Mono) + input",
            run: "edit 12,400",
        },
        {
            trigger: ".o_meter_entry_said:visible:contains(lower)",
        },
        {
            trigger: "label:contains(Mono) + input",
            run: "edit 12,900",
        },
        {
            trigger: ".o_meter_entry button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[role=status]:contains('12,900')",
        },
    ],
});

/** From a statement to a dispute of one of its lines, and a message below it. */
tours.add("meter_billing_portal_dispute", {
    url: "/my/statements",
    steps: () => [
        {
            trigger: "tbody a[href^='/my/statements/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "summary:contains('Why this amount')",
            run: "click",
        },
        {
            trigger: "details[open] .o_meter_explanation, details[open] table",
        },
        {
            trigger: "a[aria-label^='This is wrong: BT-1001']:visible",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "textarea#description",
            run: "edit It printed less",
        },
        {
            trigger: "form[action='/my/disputes/new'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[role=status]:contains('Thank you')",
        },
        {
            content: "The messages come in a bundle of their own",
            trigger: "#chatterRoot:shadow .o-mail-Composer-input",
            timeout: 40000,
            run: "edit Are you there?",
        },
        {
            trigger: "#chatterRoot:shadow .o-mail-Composer-send:enabled",
            run: "click",
        },
        {
            trigger: "#chatterRoot:shadow .o-mail-Message:contains('Are you there?')",
        },
    ],
});
