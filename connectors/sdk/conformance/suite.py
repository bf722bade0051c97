"""The suite as a pytest class: ``class TestMyCrm(ConformanceSuite): harness = MyHarness``."""

from collections.abc import Mapping
from typing import ClassVar

import pytest

from connectors.sdk.conformance.harness import HarnessFactory
from connectors.sdk.conformance.laws import LAWS, Law
from connectors.sdk.conformance.stage import play
from connectors.sdk.conformance.verdict import DoesNotApply


class ConformanceSuite:
    """Each law is one test; what does not apply is skipped with the reason.

    ``waived`` maps a law's name to the reason why this CRM cannot keep it: it is skipped, visibly,
    and the reason belongs on the connector's page too.
    """

    harness: ClassVar[HarnessFactory]
    waived: ClassVar[Mapping[str, str]] = {}

    @pytest.mark.parametrize("law", LAWS, ids=lambda law: law.__name__)
    def test_law(self, law: Law) -> None:
        """The connector keeps the law."""
        reason = self.waived.get(law.__name__)
        if reason is not None:
            pytest.skip(f"waived: {reason}")
        try:
            play(law, type(self).harness)
        except DoesNotApply as skipped:
            pytest.skip(str(skipped))

    def test_waived_laws_exist(self) -> None:
        """Every waived law is a law, so that a renamed one does not stay waived unseen."""
        names = {law.__name__ for law in LAWS}
        assert set(self.waived) <= names, f"no such law: {sorted(set(self.waived) - names)}"  # noqa: S101 - a test
