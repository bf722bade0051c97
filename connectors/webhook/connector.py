"""A webhook: each new company is one signed message to an address of the user's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import urlsplit

from connectors.sdk.capabilities import Capabilities, Uniqueness
from connectors.sdk.faults import Ambiguous, Fault, NeedsPerson, Permanent
from connectors.sdk.http import HttpLimits, HttpSession, Reply
from connectors.sdk.outcomes import Outcome, OutcomeKind, Resolution
from connectors.sdk.protocol import ConnectorContext, Finding, Level
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.records import ChangePage, CompanyRef, CrmRecord, PushItem, ScanPage
from connectors.webhook.messages import parse_secrets, payload_of, read_answer, sign_message
from connectors.webhook.options import WebhookOptions

CAPABILITIES = Capabilities(uniqueness=Uniqueness.OWN_KEY, batch_size=10, mirrors=False)
_LONGEST_REPLY = 64 * 1024
_NOBODY_THERE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED, HTTPStatus.GONE})


class WebhookConnector:
    """The receiver at one address."""

    def __init__(self, options: WebhookOptions, context: ConnectorContext) -> None:
        parts = urlsplit(options.url)
        self._address = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
        self._secrets = (*context.secrets.values(), parts.path, parts.query)
        self._keys = parse_secrets(context.secrets.get("secret", ""))
        self._mapping = options.field_mapping()
        self._clock = context.clock
        # The path of a webhook is often its password: it is kept out of logs like one.
        hidden = {"path": parts.path, "query": parts.query, **context.secrets}
        self._http = HttpSession(
            base_url=f"{parts.scheme}://{parts.netloc}",
            context=replace(context, secrets={k: v for k, v in hidden.items() if v.strip("/")}),
            timeout=options.timeout,
            limiter=RateLimiter(
                RateModel(
                    limit=max(1.0, options.requests_per_second), per_seconds=_window(options)
                ),
                vendor=context.name,
                clock=context.clock,
                gate=context.rates,
            ),
            classify=_classify,
            json_replies=False,
            limits=HttpLimits(body_bytes=_LONGEST_REPLY),
        )

    @property
    def capabilities(self) -> Capabilities:
        """The receiver keeps our message's id; nothing can be read."""
        return CAPABILITIES

    def probe(self) -> Sequence[Finding]:
        """The secret's form was checked on opening; whether it is right, only a message tells."""
        text = f"messages are signed with {len(self._keys)} secret(s); nothing was sent to try it"
        return (Finding(level=Level.OK, text=text),)

    def ensure_schema(self) -> Sequence[Finding]:
        """Nothing to create."""
        return ()

    def push(self, items: Sequence[PushItem]) -> Sequence[Outcome]:
        """Send one message for each company; when one cannot be sent, those after it wait.

        Raises:
            Fault: not even the first was sent.
        """
        outcomes: list[Outcome] = []
        waiting = Outcome.not_sent("the message before it did not get through")
        for item in items:
            try:
                outcomes.append(self._send(item))
            except Fault as fault:
                if not outcomes:
                    raise
                waiting = Outcome.not_sent_after(fault)
                break
            if outcomes[-1].kind is OutcomeKind.UNKNOWN:
                break
        return [*outcomes, *[waiting] * (len(items) - len(outcomes))]

    def resolve(self, items: Sequence[PushItem]) -> Sequence[Resolution]:
        """Say that sending again is safe: the message keeps its id, by which the receiver knows it.

        This is the protocol of Standard Webhooks (at least once, told apart by ``webhook-id``), not
        knowledge: a webhook cannot be read.
        """
        return [Resolution.absent()] * len(items)

    def scan(self, cursor: str | None) -> Iterator[ScanPage]:
        """A webhook cannot be read: :class:`Permanent` is raised."""
        _unreadable(cursor)

    def changes_from(self, moment: datetime) -> str:
        """A webhook cannot be read: :class:`Permanent` is raised."""
        _unreadable(moment)

    def changes(self, cursor: str) -> Iterator[ChangePage]:
        """A webhook cannot be read: :class:`Permanent` is raised."""
        _unreadable(cursor)

    def lookup(self, companies: Sequence[CompanyRef]) -> Sequence[Sequence[CrmRecord]]:
        """Nothing is known of any company: an empty list for each."""
        return [()] * len(companies)

    def read(self, record_ids: Sequence[str]) -> Mapping[str, CrmRecord]:
        """A webhook cannot be read: :class:`Permanent` is raised."""
        _unreadable(record_ids)

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """A webhook cannot merge: :class:`Permanent` is raised."""
        _unreadable((survivor_id, lost_id))

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _send(self, item: PushItem) -> Outcome:
        now = self._clock.now()
        payload = payload_of(item, self._mapping, now)
        signed = sign_message(self._keys, trace_id=item.trace_id, payload=payload, now=now)
        try:
            reply = self._http.send(
                "POST",
                self._address,
                idempotent=False,
                content=payload,
                headers={"content-type": "application/json", **signed},
                expect=(HTTPStatus.CONFLICT,),
            )
        except Ambiguous as doubt:
            return Outcome.unknown(doubt.message)
        except Permanent as refusal:
            return Outcome.rejected(refusal.message)
        if reply.status == HTTPStatus.CONFLICT:
            return Outcome.existed(None, reason="the receiver answered 409: it has the company")
        return read_answer(reply, trace_id=item.trace_id, secrets=self._secrets)


def _window(options: WebhookOptions) -> float:
    """Seconds in which as many messages may be sent as fit the rate, and at least one."""
    return max(1.0, 1.0 / options.requests_per_second)


def _classify(reply: Reply) -> Fault | None:
    """Replies that say something of the address, not of the company."""
    moved = HTTPStatus.MULTIPLE_CHOICES <= reply.status < HTTPStatus.BAD_REQUEST
    if not moved and reply.status not in _NOBODY_THERE:
        return None
    message = f"{reply.where} answered {reply.status}: nobody receives at this address; check url"
    return NeedsPerson("no_receiver", message, status=reply.status)


def _unreadable(what: object) -> NoReturn:
    del what
    raise Permanent("unreadable", "a webhook can only be sent to, not read")
