"""A receiver of webhooks as the conformance suite uses it."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any, ClassVar

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.harness import Harness, Misbehaviour
from connectors.sdk.faults import BadCredentials, NeedsPerson
from connectors.sdk.protocol import ConnectorPlugin
from connectors.sdk.records import CrmRecord
from connectors.sdk.simulator import Simulator
from connectors.webhook import connector
from connectors.webhook.simulator import WebhookReceiver

SECRET = "whsec_Y29uZm9ybWFuY2Utc2VjcmV0LTEyMzQ1Njc4OTAtYWJjZA=="  # noqa: S105 - a test's
OTHER = "whsec_YW5vdGhlci1zZWNyZXQtMTIzNDU2Nzg5MC1hYmNkLWVmZ2g="


class WebhookHarness(Harness):
    """A receiver that tells what became of each company."""

    plugin: ClassVar[ConnectorPlugin[Any]] = connector
    options: Mapping[str, Any] = {"type": "webhook", "url": "https://hooks.example/prospects"}
    secrets: Mapping[str, str] = {"secret": SECRET}
    answers: ClassVar[bool] = True

    def __init__(self, *, clock: VirtualClock, random: Random) -> None:
        super().__init__(clock=clock, random=random)
        self.receiver = WebhookReceiver(secret=SECRET, answers=self.answers, clock=clock)

    def simulators(self) -> Mapping[str, Simulator]:
        """The one host."""
        return {"hooks.example": self.receiver}

    def misbehaviours(self) -> Sequence[Misbehaviour]:
        """The receiver has another secret, or is gone."""
        return (
            Misbehaviour(
                name="the receiver has another secret",
                begin=lambda: setattr(self.receiver, "secret", OTHER),
                expected=(BadCredentials,),
            ),
            Misbehaviour(
                name="the receiver is gone",
                begin=lambda: setattr(self.receiver, "gone", True),
                expected=(NeedsPerson,),
            ),
        )

    def live(self) -> Sequence[CrmRecord]:
        """Every company that the receiver took."""
        return [
            CrmRecord(
                record_id=own_id,
                name=data["name"],
                websites=tuple(filter(None, [data["domain"]])),
                key=data["key"],
            )
            for own_id, data in self.receiver.companies.items()
        ]

    def refuse_company(self, name: str) -> None:
        """A rule of the receiver refuses this name."""
        self.receiver.refused_names.add(name)


class SilentHarness(WebhookHarness):
    """A receiver that only says that it got the message, as most do."""

    answers: ClassVar[bool] = False
