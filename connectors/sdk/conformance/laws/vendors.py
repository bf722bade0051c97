"""Laws of a vendor who misbehaves: outages, refusals, rubbish, endless replies."""

from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import httpx

from connectors.sdk.conformance.laws.reading import crowded
from connectors.sdk.conformance.mirror import ids_of, read_scan
from connectors.sdk.conformance.stage import Lab, Opened, Stage, company_item
from connectors.sdk.conformance.verdict import LawBroken, applies, require
from connectors.sdk.faults import (
    Ambiguous,
    BadCredentials,
    Fault,
    NeedsPerson,
    NotProcessed,
    Permanent,
    WaitUntil,
)
from connectors.sdk.outcomes import OutcomeKind
from connectors.sdk.protocol import Level
from connectors.sdk.simulator import FaultKind, html_page

_MEBIBYTE = 1024 * 1024
_MOST_BYTES = 160 * _MEBIBYTE
_RETRY_AFTER = timedelta(hours=2)
_TOLERANCE = timedelta(minutes=2)
_RUBBISH = (b"", b"null", b'"text"', b"[1]", b'{"results": [', b'{"unexpected": true}', b"\xff\xfe")


def use(stage: Stage, opened: Opened) -> None:
    """What a daemon does most: list everything, or push a company where nothing can be read.

    Raises:
        Fault: it did not work; an outcome that says so becomes a fault too.
    """
    if opened.capabilities.mirrors:
        read_scan(opened)
        return
    (outcome,) = opened.connector.push([stage.sent(company_item(1))])
    match outcome.kind:
        case OutcomeKind.UNKNOWN:
            raise Ambiguous("unknown", outcome.reason)
        case OutcomeKind.NOT_SENT:
            raise WaitUntil("not_sent", outcome.reason, until=outcome.retry_at)
        case OutcomeKind.REJECTED:
            raise Permanent("rejected", outcome.reason)


def busy(lab: Lab) -> tuple[Stage, Opened]:
    """A CRM with companies in it, where it can be read, and a connector to it."""
    stage = lab.stage()
    opened = stage.ready()
    if opened.capabilities.mirrors:
        stage.people_add(stage.harness.many)
        stage.settle(opened)
    opened.wire.calm()
    return stage, opened


def over_http(lab: Lab) -> tuple[Stage, Opened]:
    """The same, where the connector speaks HTTP."""
    stage, opened = busy(lab)
    applies(opened.wire.speaks_http, "this connector does not speak HTTP")
    return stage, opened


def reading_survives_one_fault(lab: Lab) -> None:
    """A listing that meets one passing fault is whole all the same: reads repeat themselves."""
    stage, opened = crowded(lab)
    opened.wire.calm()
    read_scan(opened)
    requests = len(opened.wire.seen)
    applies(requests, "a listing sends no requests")
    for kind in FaultKind:
        for number in sorted({1, (requests + 1) // 2, requests}):
            opened.wire.calm()
            opened.wire.faults[number] = kind
            seen = ids_of(read_scan(opened))
            missing = stage.live_ids() - seen
            require(not missing, f"{kind.value} at request {number} hid {len(missing)} records")
            stage.clock.advance(timedelta(minutes=5))


def a_lasting_fault_is_no_empty_listing(lab: Lab) -> None:
    """A listing that cannot be read to its end raises a fault; it never looks like a whole one."""
    stage, opened = crowded(lab)
    opened.wire.calm()
    read_scan(opened)
    requests = len(opened.wire.seen)
    applies(requests, "a listing sends no requests")
    for kind in FaultKind:
        for first in sorted({1, requests}):
            if kind is not FaultKind.SLOW:
                _fails_from(stage, opened, kind, first)
                stage.clock.advance(timedelta(minutes=5))


def _fails_from(stage: Stage, opened: Opened, kind: FaultKind, first: int) -> None:
    opened.wire.calm()
    opened.wire.faults.update(dict.fromkeys(range(first, first + 500), kind))
    try:
        seen = ids_of(read_scan(opened))
    except Fault as fault:
        allowed = isinstance(fault, NotProcessed | WaitUntil)
        require(allowed, f"{kind.value} while reading became {type(fault).__name__}")
        return
    missing = stage.live_ids() - seen
    require(not missing, f"{kind.value} for ever: the listing ended without {len(missing)} records")


def misbehaviours_become_their_faults(lab: Lab) -> None:
    """Each of the vendor's own refusals is read as the fault that says what to do."""
    names = [each.name for each in lab.stage().harness.misbehaviours()]
    applies(names, "the harness names no misbehaviour of the vendor")
    for place, name in enumerate(names):
        stage, opened = busy(lab)
        chosen = stage.harness.misbehaviours()[place]
        chosen.begin()
        fault = _fault_of_use(stage, opened, name)
        right = isinstance(fault, chosen.expected)
        require(right, f"{name} became {type(fault).__name__}: {fault.message}")


def a_refused_token_is_told(lab: Lab) -> None:
    """When the vendor refuses the token, a probe says so; where nothing can be read, a push."""
    tried = lab.stage().harness
    applies(tried.secrets, "this connector has no secret")
    places = [
        place for place, each in enumerate(tried.misbehaviours()) if BadCredentials in each.expected
    ]
    require(places, "the harness's misbehaviours have none in which the token is refused")
    for place in places:
        stage = lab.stage()
        opened = stage.open()
        stage.harness.misbehaviours()[place].begin()
        try:
            findings = opened.connector.probe()
            if not opened.capabilities.mirrors:
                use(stage, opened)
        except BadCredentials:
            continue
        problems = [each for each in findings if each.level is Level.PROBLEM]
        require(problems, "the token was refused, and nothing was found to be wrong")
        require(all(each.remedy for each in problems), "a problem is told without a remedy")


def retry_after_is_heeded(lab: Lab) -> None:
    """A 429 becomes WaitUntil with the moment that the vendor named: seconds, date or nothing."""
    stage, _ = over_http(lab)
    later = stage.clock.now() + _RETRY_AFTER
    forms = {
        "seconds": str(int(_RETRY_AFTER.total_seconds())),
        "an HTTP date": format_datetime(later, usegmt=True),
        "nothing": None,
    }
    for form, value in forms.items():
        stage, opened = over_http(lab)
        headers = {} if value is None else {"retry-after": value}
        opened.wire.scripted = lambda _, headers=headers: httpx.Response(
            429, headers=headers, json={"message": "slow down"}
        )
        fault = _fault_of_use(stage, opened, f"429 with {form}")
        require(isinstance(fault, WaitUntil), f"429 with {form} became {type(fault).__name__}")
        until = fault.until if isinstance(fault, WaitUntil) else None
        if value is not None:
            near = until is not None and abs(until - later) < _TOLERANCE
            require(near, f"429 with {form} names {later}, the fault says {until}")


def forbidden_pages_are_no_listing(lab: Lab) -> None:
    """A 403 is a fault that repeats or asks for a person, as JSON, as HTML and without a body."""
    replies = {
        "JSON": httpx.Response(403, json={"message": "not allowed"}),
        "HTML": html_page(403),
        "no body": httpx.Response(403),
    }
    for form, reply in replies.items():
        stage, opened = over_http(lab)
        answer = (reply.status_code, reply.headers, reply.content)
        opened.wire.scripted = lambda _, a=answer: httpx.Response(a[0], headers=a[1], content=a[2])
        fault = _fault_of_use(stage, opened, f"403 with {form}")
        allowed = isinstance(fault, NotProcessed | WaitUntil | NeedsPerson)
        require(allowed, f"403 with {form} became {type(fault).__name__}")


def rubbish_is_no_listing(lab: Lab) -> None:
    """A 200 with something else than the vendor's listing raises a fault, and nothing else."""
    for content in _RUBBISH:
        stage, opened = over_http(lab)
        applies(opened.capabilities.mirrors, "this target cannot be read")
        opened.wire.scripted = lambda _, content=content: httpx.Response(
            200, headers={"content-type": "application/json"}, content=content
        )
        _fault_of_use(stage, opened, f"200 with {content!r}")


def endless_replies_are_cut(lab: Lab) -> None:
    """A reply without end is given up before it fills the memory."""
    stage, opened = over_http(lab)
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        while sum(sent) < _MOST_BYTES:
            sent.append(_MEBIBYTE)
            yield b" " * _MEBIBYTE

    opened.wire.scripted = lambda _: httpx.Response(
        200, headers={"content-type": "application/json"}, content=endless()
    )
    _fault_of_use(stage, opened, "a reply without end")
    require(sum(sent) < _MOST_BYTES, f"{sum(sent) // _MEBIBYTE} MiB of one reply were read")


def _fault_of_use(stage: Stage, opened: Opened, what: str) -> Fault:
    """The fault of using the connector while it meets this at every request."""
    try:
        use(stage, opened)
    except Fault as fault:
        return fault
    except Exception as error:
        raise LawBroken(f"{what} raised {type(error).__name__}: {error}") from error
    raise LawBroken(f"{what} was taken as if nothing were wrong")


LAWS = (
    reading_survives_one_fault,
    a_lasting_fault_is_no_empty_listing,
    misbehaviours_become_their_faults,
    a_refused_token_is_told,
    retry_after_is_heeded,
    forbidden_pages_are_no_listing,
    rubbish_is_no_listing,
    endless_replies_are_cut,
)
