# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Readings that come while their contract is being billed: neither sees the other.

Billing does not see what is committed after it began, and whoever stores a reading does
not see that its day is being billed. So each change is noted in a row of its own, which
waits until a transaction has the contract to itself: it knows what is billed by then.
"""

from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL

from ..fields import DerivedMany2one

# Changes worked off in one transaction.
BATCH = 10_000


class MeterContractChange(models.Model):
    """A device whose readings changed, of this day or from it on.

    Only ever added and deleted, so that those who bring readings wait neither for each
    other nor for billing.
    """

    _name = "meter.contract.change"
    _description = "Device With Changed Readings"
    _log_access = False

    device_id = DerivedMany2one("meter.device", required=True, index=True)
    date = fields.Date(required=True)

    @api.model
    def _note(self, devices, days):
        """Note changes: one statement, whatever their number.

        :param devices: ids of devices
        :param days: the day of the change of each
        """
        self.env.cr.execute(
            SQL(
                "INSERT INTO meter_contract_change (device_id, date) "
                "SELECT * FROM unnest(%s::int[], %s::date[])",
                list(devices),
                list(days),
            )
        )

    @api.model
    def _take(self, condition):
        """Let contracts correct what changed on days that are billed by now.

        A contract that somebody else works on keeps its changes for the next time.
        Those that are looked at are touched: whoever read them before this is committed
        has to read them again before billing them.

        :param SQL condition: which changes
        """
        Contract = self.env["meter.contract"]
        self.env["meter.contract.device"].flush_model()
        Contract.flush_model(["billed_through", "correct_from"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT change.id, assignment.contract_id,
                       greatest(change.date, assignment.date_start)
                  FROM meter_contract_change change
             LEFT JOIN meter_contract_device assignment
                    ON assignment.device_id = change.device_id
                   AND (assignment.date_end IS NULL
                        OR assignment.date_end >= change.date)
                 WHERE %s
                   FOR UPDATE OF change SKIP LOCKED
                """,
                condition,
            )
        )
        contracts = Contract.browse({row[1] for row in rows if row[1]})
        locked = set(contracts.try_lock_for_update(allow_referencing=True)._ids)
        done, days = defaultdict(lambda: True), {}
        for change_id, contract_id, day in rows:
            done[change_id] &= contract_id is None or contract_id in locked
            if contract_id in locked:
                days[contract_id] = min(day, days.get(contract_id, day))
        if days:
            self.env.cr.execute(
                SQL(
                    """
                    UPDATE meter_contract contract
                       SET correct_from = CASE
                               WHEN contract.billed_through >= change.day
                               THEN least(contract.correct_from, change.day)
                               ELSE contract.correct_from END
                      FROM unnest(%s::int[], %s::date[]) AS change(contract_id, day)
                     WHERE contract.id = change.contract_id
                    """,
                    list(days),
                    list(days.values()),
                )
            )
            Contract.browse(days).invalidate_recordset(["correct_from"])
        self.env.cr.execute(
            SQL(
                "DELETE FROM meter_contract_change WHERE id = ANY(%s)",
                [change_id for change_id, is_done in done.items() if is_done],
            )
        )

    @api.model
    def _take_all(self):
        """Take the changes of all contracts, keeping each batch at once."""
        last = 0
        while rows := self.env.execute_query(
            SQL(
                "SELECT id FROM meter_contract_change WHERE id > %s "
                "ORDER BY id LIMIT %s",
                last,
                BATCH,
            )
        ):
            ids = [row[0] for row in rows]
            self._take(SQL("change.id = ANY(%s)", ids))
            last = ids[-1]
            if not self.env["ir.cron"]._commit_progress():
                return


class MeterContract(models.Model):
    _inherit = "meter.contract"

    def _take_changes(self):
        """Note what of the devices of these contracts changed on billed days."""
        if self.ids:
            self.env["meter.contract.change"]._take(
                SQL(
                    "change.device_id IN (SELECT device_id FROM meter_contract_device "
                    "WHERE contract_id = ANY(%s))",
                    list(self.ids),
                )
            )

    def _touch(self):
        """Let whoever bills these contracts right now fail, and read them again.

        For what is done by hand: it waits for the end of a billing that is under way.
        """
        if self.ids:
            self.env.cr.execute(
                SQL(
                    "UPDATE meter_contract SET write_date = write_date "
                    "WHERE id = ANY(%s)",
                    list(self.ids),
                )
            )
