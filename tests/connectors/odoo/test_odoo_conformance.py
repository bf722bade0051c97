"""The connector keeps every law of the conformance suite, on both interfaces."""

from connectors.odoo.harness import OdooHarness, OdooJson2Harness, OdooOrdinaryUserHarness
from connectors.sdk.conformance.suite import ConformanceSuite


class TestOdooByJsonRpc(ConformanceSuite):
    """Odoo 17 by ``/jsonrpc``."""

    harness = OdooHarness


class TestOdooByJson2(ConformanceSuite):
    """Odoo 19 by JSON-2."""

    harness = OdooJson2Harness


class TestOdooAsOrdinaryUser(ConformanceSuite):
    """Odoo 17 with the fewest rights that do."""

    harness = OdooOrdinaryUserHarness
