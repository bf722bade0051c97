"""The webhook keeps the laws, with a receiver that answers and with one that does not."""

from collections.abc import Mapping
from typing import ClassVar

from connectors.sdk.conformance.suite import ConformanceSuite
from connectors.webhook.harness import SilentHarness, WebhookHarness


class TestWebhook(ConformanceSuite):
    """The receiver says what became of each company."""

    harness = WebhookHarness


class TestSilentReceiver(ConformanceSuite):
    """The receiver knows a message again by its id, and says no more than that it got it."""

    harness = SilentHarness
    waived: ClassVar[Mapping[str, str]] = {
        "second_push_finds_the_first": "it knows messages by their id, not companies by their key",
    }
