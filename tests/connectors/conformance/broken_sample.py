"""Connectors that talk HTTP wrongly, each in one way, over the simulated SampleCrm."""

# ruff: noqa: D102 - each class says what is wrong with it

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from connectors.sdk.conformance.wire import UNKNOWN_FIELD
from connectors.sdk.faults import BadCredentials, Fault, NotProcessed, Permanent, RateLimited
from connectors.sdk.http import HttpLimits
from connectors.sdk.outcomes import Outcome
from connectors.sdk.protocol import ConnectorContext, Finding, Level, ignore_exchange
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.sdk.skeleton.samplecrm.connector import SampleCrmConnector, SampleCrmOptions
from connectors.webhook import WebhookConnector

EMPTY = ScanPage(records=(), cursor=None)


class ReadsNothingWithoutToken(SampleCrmConnector):
    """A refused token gives an empty listing."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        try:
            yield from super().scan(cursor)
        except BadCredentials:
            yield EMPTY


class ProbesNothing(SampleCrmConnector):
    """The probe is content with any token."""

    def probe(self) -> Sequence[Finding]:
        try:
            return super().probe()
        except BadCredentials:
            return [Finding(level=Level.OK, text="SampleCrm answers")]


class ForgetsRetryAfter(SampleCrmConnector):
    """When to come again is not passed on."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        try:
            yield from super().scan(cursor)
        except RateLimited as fault:
            raise RateLimited(fault.code, fault.message) from fault


class GivesUpOnForbidden(SampleCrmConnector):
    """A 403 is for ever."""

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        try:
            yield from super().scan(cursor)
        except (BadCredentials, NotProcessed) as fault:
            raise Permanent(fault.code, fault.message) from fault


class ReadsRubbish(SampleCrmConnector):
    """A reply without companies is an empty listing."""

    def _get(self, path: str, params: Mapping[str, str | None]) -> Any:
        payload = super()._get(path, params)
        return (
            payload if isinstance(payload, dict) and "companies" in payload else {"companies": []}
        )


class ReadsEndlessly(SampleCrmConnector):
    """A reply may be as long as it likes."""

    def __init__(self, options: SampleCrmOptions, context: ConnectorContext) -> None:
        super().__init__(options, context)
        self._http._limits = HttpLimits(body_bytes=1 << 40)


class TellsItsToken(SampleCrmConnector):
    """A fault says with which token it came."""

    def __init__(self, options: SampleCrmOptions, context: ConnectorContext) -> None:
        super().__init__(options, context)
        self._token = context.secrets["token"]

    def probe(self) -> Sequence[Finding]:
        try:
            return super().probe()
        except Fault as fault:
            message = f"{fault.message} (token {self._token})"
            raise BadCredentials(fault.code, message) from fault


class WorksUnseen(SampleCrmConnector):
    """The audit is told of no request."""

    def __init__(self, options: SampleCrmOptions, context: ConnectorContext) -> None:
        super().__init__(options, replace(context, observe=ignore_exchange))


class KnowsEveryField(SampleCrmConnector):
    """A field that it does not know is a fault."""

    def _get(self, path: str, params: Mapping[str, str | None]) -> Any:
        payload = super()._get(path, params)
        if UNKNOWN_FIELD in payload:
            raise Permanent("unknown_field", "SampleCrm has a new field")
        return payload


class RollsItsOwnDice(SampleCrmConnector):
    """Requests carry numbers that nobody can foresee."""

    def _draft(self, item: PushItem) -> tuple[dict[str, Any], tuple[str, ...]]:
        draft, warnings = super()._draft(item)
        return {**draft, "description": uuid4().hex}, warnings


class AsksForMore(SampleCrmConnector):
    """A request has a parameter that SampleCrm's specification does not know."""

    def _get(self, path: str, params: Mapping[str, str | None]) -> Any:
        return super()._get(path, {**params, "limit": "1000"})


class TakesTurns(SampleCrmConnector):
    """The results of a batch are taken to be in the order of its items."""

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        outcomes = super().push(items)
        return sorted(outcomes, key=lambda each: each.record_id or "", reverse=True)


class RepeatsItsWrites(SampleCrmConnector):
    """A create is sent as if twice did no more than once."""

    def __init__(self, options: SampleCrmOptions, context: ConnectorContext) -> None:
        super().__init__(options, context)
        send = self._http.send

        def send_again(method: str, path: str, **rest: Any) -> Any:
            return send(method, path, **{**rest, "idempotent": True})

        self._http.send = send_again  # type: ignore[method-assign]


class CannotLookUp(WebhookConnector):
    """A target that cannot be read raises when it is asked for a company."""

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        raise Permanent("unreadable", f"{len(companies)} companies cannot be looked up")
