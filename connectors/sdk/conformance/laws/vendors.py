"""Laws of a vendor who misbehaves: refusals, rubbish, endless replies, limits, leaks."""

import traceback
from collections.abc import Iterator
from datetime import timedelta
from email.utils import format_datetime

import httpx
import orjson

from connectors.sdk.conformance.laws.reading import crowded
from connectors.sdk.conformance.mirror import ids_of, read_scan
from connectors.sdk.conformance.stage import Lab, Opened, Stage
from connectors.sdk.conformance.tour import tour
from connectors.sdk.conformance.verdict import LawBroken, applies, require
from connectors.sdk.faults import BadCredentials, Fault, NeedsPerson, NotProcessed, WaitUntil
from connectors.sdk.protocol import Level
from connectors.sdk.simulator import FaultKind, html_page

_MEBIBYTE = 1024 * 1024
_MOST_BYTES = 160 * _MEBIBYTE
_RETRY_AFTER = timedelta(hours=2)
_TOLERANCE = timedelta(minutes=2)
_RUBBISH = (b"", b"null", b'"text"', b"[1]", b'{"results": [', b'{"unexpected": true}', b"\xff\xfe")


def over_http(lab: Lab) -> tuple[Stage, Opened]:
    """A crowded CRM and a connector to it that speaks HTTP."""
    stage, opened = crowded(lab)
    applies(opened.wire.speaks_http, "this connector does not speak HTTP")
    opened.wire.calm()
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
        stage, opened = crowded(lab)
        chosen = stage.harness.misbehaviours()[place]
        chosen.begin()
        try:
            read_scan(opened)
        except Fault as fault:
            right = isinstance(fault, chosen.expected)
            require(right, f"{name} became {type(fault).__name__}: {fault.message}")
        else:
            raise LawBroken(f"{name}: the listing was read as if nothing were")


def a_refused_token_is_told(lab: Lab) -> None:
    """When the vendor refuses the token, reading says so, and a probe names it as a problem."""
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
        except BadCredentials:
            continue
        problems = [each for each in findings if each.level is Level.PROBLEM]
        require(problems, "the token was refused, and the probe found nothing wrong")
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
        fault = _fault_of_reading(opened, f"429 with {form}")
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
        _, opened = over_http(lab)
        answer = (reply.status_code, reply.headers, reply.content)
        opened.wire.scripted = lambda _, a=answer: httpx.Response(a[0], headers=a[1], content=a[2])
        fault = _fault_of_reading(opened, f"403 with {form}")
        allowed = isinstance(fault, NotProcessed | WaitUntil | NeedsPerson)
        require(allowed, f"403 with {form} became {type(fault).__name__}")


def rubbish_is_no_listing(lab: Lab) -> None:
    """A 200 with something else than the vendor's listing raises a fault, and nothing else."""
    for content in _RUBBISH:
        _, opened = over_http(lab)
        opened.wire.scripted = lambda _, content=content: httpx.Response(
            200, headers={"content-type": "application/json"}, content=content
        )
        _fault_of_reading(opened, f"200 with {content!r}")


def endless_replies_are_cut(lab: Lab) -> None:
    """A reply without end is given up before it fills the memory."""
    _, opened = over_http(lab)
    sent: list[int] = []

    def endless() -> Iterator[bytes]:
        while sum(sent) < _MOST_BYTES:
            sent.append(_MEBIBYTE)
            yield b" " * _MEBIBYTE

    opened.wire.scripted = lambda _: httpx.Response(
        200, headers={"content-type": "application/json"}, content=endless()
    )
    _fault_of_reading(opened, "a reply without end")
    require(sum(sent) < _MOST_BYTES, f"{sum(sent) // _MEBIBYTE} MiB of one reply were read")


def _fault_of_reading(opened: Opened, what: str) -> Fault:
    """The fault of a listing that meets this at every request."""
    try:
        read_scan(opened)
    except Fault as fault:
        return fault
    except Exception as error:
        raise LawBroken(f"{what} raised {type(error).__name__}: {error}") from error
    raise LawBroken(f"{what} was read as a listing that came to its end")


def secrets_stay_secret(lab: Lab) -> None:
    """No secret shows in a fault, its causes, an outcome, a finding or an exchange."""
    secrets = tuple(lab.stage().harness.secrets.values())
    applies(secrets, "this connector has no secret")
    for status in (200, 400, 401, 403, 404, 409, 422, 429, 500):
        stage = lab.stage()
        opened = stage.open()
        if opened.wire.speaks_http:
            opened.wire.scripted = lambda request, status=status: _echo(request, status)
        else:
            opened.wire.every_fault = FaultKind.REPLY_LOST
        journal = tour(stage, opened)
        texts = [*journal.results.values(), *map(repr, opened.wire.exchanges)]
        texts += ["".join(traceback.format_exception(fault)) for fault in journal.faults.values()]
        texts += [
            repr((fault.code, fault.args, fault.message)) for fault in journal.faults.values()
        ]
        for secret in secrets:
            leaks = [text for text in texts if secret in text]
            shown = leaks[0].replace(secret, "SECRET")[-200:] if leaks else ""
            require(not leaks, f"after a {status} a secret shows in: …{shown}")


def _echo(request: httpx.Request, status: int) -> httpx.Response:
    """A vendor that says back everything it was told, as debugging proxies do."""
    said = f"{request.url} {dict(request.headers)} {request.content.decode(errors='replace')}"
    words = {"message": said, "error": said, "errors": [{"message": said, "code": "E"}]}
    return httpx.Response(status, json=words)


def every_request_is_observed(lab: Lab) -> None:
    """Each request is told to the audit: vendor, method and path, without query or body."""
    stage, opened = over_http(lab)
    opened.wire.exchanges.clear()
    tour(stage, opened)
    sent, told = len(opened.wire.seen), opened.wire.exchanges
    require(len(told) == sent, f"{sent} requests were sent, {len(told)} exchanges were told")
    queries = [exchange.path for exchange in told if "?" in exchange.path]
    require(not queries, f"an exchange shows a query: {queries[:1]}")
    require(all(each.vendor == "crm" for each in told), "an exchange is of another vendor")


def unknown_fields_are_ignored(lab: Lab) -> None:
    """New fields in the vendor's replies change nothing."""
    journals = []
    for unknown in (False, True):
        stage, opened = over_http(lab)
        opened.wire.unknown_fields = unknown
        journals.append(tour(stage, opened))
    plain, decorated = journals
    require(not decorated.faults, f"a new field in the replies raised {decorated.faults}")
    for step, result in plain.results.items():
        same = decorated.results.get(step) == result
        require(same, f"a new field in the replies changed what {step} gives")


def same_seed_same_requests(lab: Lab) -> None:
    """With the same clock and dice a connector repeats itself: failures can be replayed."""
    runs = []
    for _ in range(2):
        stage = lab.stage(seed=7)
        opened = stage.open()
        stage.people_add(3)
        tour(stage, opened)
        runs.append([seen.content for seen in opened.wire.seen])
    applies(runs[0], "this connector sends no requests")
    differing = [one for one, other in zip(*runs, strict=False) if one != other]
    require(runs[0] == runs[1], f"the second time another request was sent: {differing[:1]}")


def requests_fit_the_specification(lab: Lab) -> None:
    """No request is one that the vendor's OpenAPI forbids, and the simulator keeps to it too."""
    stage = lab.stage()
    applies(stage.harness.validator() is not None, "there is no specification to judge by")
    opened = stage.open()
    stage.people_add(3)
    journal = tour(stage, opened)
    require(not journal.faults, f"an undisturbed tour raised {journal.faults}")
    orjson.dumps(journal.results)


LAWS = (
    reading_survives_one_fault,
    a_lasting_fault_is_no_empty_listing,
    misbehaviours_become_their_faults,
    a_refused_token_is_told,
    retry_after_is_heeded,
    forbidden_pages_are_no_listing,
    rubbish_is_no_listing,
    endless_replies_are_cut,
    secrets_stay_secret,
    every_request_is_observed,
    unknown_fields_are_ignored,
    same_seed_same_requests,
    requests_fit_the_specification,
)
