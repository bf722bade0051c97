"""The suite on the connector that ``pytest --connector`` names."""

import pytest

from connectors.sdk.conformance.plugin import find_harness
from connectors.sdk.conformance.suite import ConformanceSuite


class TestConnector(ConformanceSuite):
    """Collected only where the option is given."""

    @pytest.fixture(autouse=True)
    def choose(self, pytestconfig: pytest.Config) -> None:
        """Take the harness that the option names."""
        type(self).harness = find_harness(pytestconfig.getoption("--connector"))
