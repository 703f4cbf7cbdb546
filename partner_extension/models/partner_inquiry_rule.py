# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Which mails are answered with which template."""

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class PartnerInquiryRule(models.Model):
    """The first rule that matches a mail answers it."""

    _name = "partner.inquiry.rule"
    _description = "Rule for Automatic Answers"
    _order = "sequence, id"

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", help="Empty: for all companies.")
    mode = fields.Selection(
        [
            ("any", "Any of the words"),
            ("all", "All of the words"),
            ("regex", "Regular expression"),
            ("always", "Every mail"),
        ],
        string="Matches",
        required=True,
        default="any",
    )
    words = fields.Text(
        help="Words or phrases, one a line; of a regular expression the whole text."
    )
    where = fields.Selection(
        [("both", "Subject or text"), ("subject", "Subject"), ("body", "Text")],
        string="Looked for In",
        required=True,
        default="both",
    )
    sender_domains = fields.Char(
        help="Only from these domains, e.g. harbour.example, mill.example. "
        "Empty: from all.",
    )
    lang_id = fields.Many2one(
        "res.lang",
        string="Language",
        help="Only mails in this language: the partner's, else the one that the mail "
        "says. Empty: all.",
    )
    template_id = fields.Many2one(
        "mail.template",
        string="Answer",
        required=True,
        ondelete="restrict",
        domain=[("model", "=", "partner.inquiry")],
    )
    is_final = fields.Boolean(
        string="Nothing Left to Do",
        default=True,
        help="Off: the mail is answered and waits for a person as well.",
    )
    answer_count = fields.Integer(compute="_compute_answer_count", string="Answers")

    def _compute_answer_count(self):
        counts = dict(
            self.env["partner.inquiry.answer"]._read_group(
                [("rule_id", "in", self.ids)], ["rule_id"], ["__count"]
            )
        )
        for rule in self:
            rule.answer_count = counts.get(rule, 0)

    @api.constrains("mode", "words")
    def _check_words(self):
        for rule in self:
            if rule.mode != "always" and not (rule.words or "").strip():
                raise ValidationError(
                    self.env._(
                        "%(rule)s: say which words to look for, or let it match "
                        "every mail.",
                        rule=rule.name,
                    )
                )
            if rule.mode == "regex":
                try:
                    re.compile(rule.words.strip())
                except re.error as error:
                    raise ValidationError(
                        self.env._(
                            "%(rule)s: this is no regular expression: %(error)s",
                            rule=rule.name,
                            error=error,
                        )
                    ) from error

    def _match(self, inquiry):
        """Return the first of these rules that matches an inquiry, or none.

        :param inquiry: partner.inquiry
        """
        for rule in self:
            if rule._is_match(inquiry):
                return rule
        return self.browse()

    def _is_match(self, inquiry):
        self.ensure_one()
        if self.company_id and self.company_id != inquiry.company_id:
            return False
        if self.lang_id and self.lang_id.code != inquiry.lang:
            return False
        domains = (self.sender_domains or "").lower().replace(",", " ").split()
        sender = (inquiry.email_normalized or "").rpartition("@")[2]
        if domains and not any(
            sender == domain.lstrip("@") or sender.endswith(f".{domain.lstrip('@')}")
            for domain in domains
        ):
            return False
        if self.mode == "always":
            return True
        text = {
            "subject": inquiry.name or "",
            "body": inquiry.text or "",
            "both": f"{inquiry.name or ''}\n{inquiry.text or ''}",
        }[self.where]
        if self.mode == "regex":
            return bool(re.search(self.words.strip(), text, re.IGNORECASE))
        words = [word.strip() for word in self.words.splitlines() if word.strip()]
        # Whole words: “ink” is not in “drinks”.
        found = (
            bool(re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE))
            for word in words
        )
        return any(found) if self.mode == "any" else all(found)


class PartnerInquiryAnswer(models.Model):
    """An automatic answer. Unique by sender, rule and day, so that no loop begins."""

    _name = "partner.inquiry.answer"
    _description = "Automatic Answer"
    _order = "id desc"

    inquiry_id = fields.Many2one(
        "partner.inquiry", required=True, index=True, ondelete="cascade"
    )
    rule_id = fields.Many2one("partner.inquiry.rule", required=True, ondelete="cascade")
    email = fields.Char(required=True)
    date = fields.Date(required=True)
    mail_id = fields.Many2one("mail.mail", index="btree_not_null", ondelete="set null")
    mail_state = fields.Selection(related="mail_id.state", string="Mail State")
    failure = fields.Text(related="mail_id.failure_reason")

    _one_a_day = models.UniqueIndex(
        "(email, rule_id, date)",
        "This sender got the answer of this rule today already.",
    )
