# Copyright 2026 Meter Billing contributors
# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Public registries that tell whether a tax ID is valid, and whose it is."""

from odoo import api, models


class RegistryUnavailable(Exception):
    """No answer came: the tax ID is neither valid nor invalid, but to be checked.

    :param str reason: for the user
    :param bool everywhere: for all countries of the registry, not only the one asked
    """

    def __init__(self, reason, everywhere=False):
        super().__init__(reason)
        self.reason = reason
        self.everywhere = everywhere


class PartnerRegistry(models.AbstractModel):
    """One registry. A further one is a model that inherits this one, has its name in
    `_get_registries`, and says for which tax IDs and how it is asked."""

    _name = "partner.registry"
    _description = "Registry of Tax IDs"

    @api.model
    def _get_registries(self):
        """Return the names of the models of all registries; the first that knows the
        letters of a tax ID is asked."""
        return ["partner.registry.vies"]

    @api.model
    def _find(self, vat):
        """Return the name of the registry for a normalized tax ID, or None."""
        for name in self._get_registries():
            if vat and vat[:2] in self.env[name]._get_prefixes():
                return name
        return None

    @api.model
    def _get_prefixes(self):
        """Return the set of letters that the tax IDs of this registry begin with."""
        return set()

    @api.model
    def _prepare_ask(self):
        """Return what `_ask` needs from the database (address, key), as a dict.

        `_ask` itself runs outside of any transaction.
        """
        return {}

    @api.model
    def _ask(self, settings, vat, requester):
        """Ask the registry; takes as long as it takes, and touches no database.

        :param dict settings: of `_prepare_ask`
        :param str vat: normalized tax ID
        :param requester: normalized tax ID of the company that asks, or False
        :return: dict of values of `partner.registry.answer`: is_valid, name, address,
            consultation, requester_vat, raw
        :raises RegistryUnavailable: there is no answer now
        """
        raise NotImplementedError
