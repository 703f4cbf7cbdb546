// Copyright 2026 Meter Billing contributors
// License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
import {Interaction} from "@web/public/interaction";
import {registry} from "@web/core/registry";

/** Says at once where a value is lower than the last one. All else the server checks. */
export class ReadingEntry extends Interaction {
    static selector = ".o_meter_entry";
    dynamicContent = {
        "input[data-last]": {
            "t-on-change": (ev) => this.compare(ev.currentTarget),
        },
    };

    compare(input) {
        const digits = input.value.replace(/[^0-9]/g, "");
        const isLower = digits !== "" && Number(digits) < Number(input.dataset.last);
        const message = input.parentElement.querySelector(".o_meter_entry_lower");
        message.classList.toggle("d-none", !isLower);
    }
}

registry.category("public.interactions").add("meter_billing.reading_entry", ReadingEntry);
