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

/** Take what a link or button downloads, as the browser would. */
async function download(selector, type) {
    const answer = await fetch(document.querySelector(selector).href);
    const found = answer.headers.get("Content-Type");
    if (!answer.ok || !found.includes(type)) {
        throw new Error(`${selector} downloads ${answer.status} ${found}`);
    }
}

/** All due devices, a file, a wrong device, the files of a statement, and paying it. */
tours.add("meter_billing_portal_now_and_then", {
    url: "/my/readings",
    steps: () => [
        {
            trigger: "section:contains(BT-1001) label:contains(Mono) + input",
            run: "edit 12,900",
        },
        {
            trigger: ".o_meter_entry",
            run: ({ anchor }) =>
                anchor.addEventListener("submit", (ev) => ev.preventDefault(), {
                    once: true,
                }),
        },
        {
            trigger: ".o_meter_entry button[type=submit]",
            run: "click",
        },
        {
            content: "A second tap sends nothing",
            trigger: ".o_meter_entry:has(button[type=submit]:disabled)",
            run: () => window.dispatchEvent(new Event("pageshow")),
        },
        {
            content: "Who goes back to the page can send it again",
            trigger: ".o_meter_entry button[type=submit]:enabled",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[role=status]:contains('Thank you')",
        },
        {
            trigger: "a[href='/my/readings/file']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#file",
            run({ anchor }) {
                const files = new DataTransfer();
                const text = "Serial Number,Meter,Value\nBT-1001,Colour,720\n";
                files.items.add(new File([text], "readings.csv"));
                anchor.files = files.files;
            },
        },
        {
            trigger: "form[action='/my/readings/file'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[role=status]:contains('1 of 1')",
            run: () => (window.location = "/my/devices"),
            expectUnloadPage: true,
        },
        {
            trigger: "a[href^='/my/devices/']:contains(BT-1001)",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "a[href*='disputes/new?device_id=']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "#kind_moved",
            run: "check",
        },
        {
            trigger: "#description",
            run: "edit It is on the 3rd floor now",
        },
        {
            trigger: "form[action='/my/disputes/new'] button[type=submit]",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "[role=status]:contains('Thank you')",
            run: () => (window.location = "/my/statements"),
            expectUnloadPage: true,
        },
        {
            trigger: "tbody a[href^='/my/statements/']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            trigger: "a[href$='report_type=pdf']",
            run: () => download("a[href$='report_type=pdf']", "application/pdf"),
        },
        {
            trigger: "a[href$='report_type=xlsx']",
            run: () => download("a[href$='report_type=xlsx']", "spreadsheetml"),
        },
        {
            trigger: "a[aria-label^='Open and pay']",
            run: "click",
            expectUnloadPage: true,
        },
        {
            content: "The invoice, with its amount",
            trigger: ".o_portal_invoice_sidebar, #portal_sale_content, .o_portal_sidebar",
        },
    ],
});
