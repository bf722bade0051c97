"""The conformance suite: whether a connector keeps what the daemon relies on."""

from connectors.sdk.conformance.clock import VirtualClock
from connectors.sdk.conformance.harness import Harness, HarnessFactory, Misbehaviour, Typed
from connectors.sdk.conformance.verdict import DoesNotApply, LawBroken, Runaway
from connectors.sdk.conformance.wire import Validator, Wire

__all__ = [
    "DoesNotApply",
    "Harness",
    "HarnessFactory",
    "LawBroken",
    "Misbehaviour",
    "Runaway",
    "Typed",
    "Validator",
    "VirtualClock",
    "Wire",
]
