"""Laws of what happens when a request or its reply is lost in the middle of a push."""

from collections import Counter
from collections.abc import Callable

import httpx

from connectors.sdk.capabilities import KeyComparison, Uniqueness
from connectors.sdk.conformance.delivery import deliver, push_checked
from connectors.sdk.conformance.harness import Typed
from connectors.sdk.conformance.laws.pushing import constrained, one_each, writable
from connectors.sdk.conformance.stage import Lab, Opened, Stage, company_item
from connectors.sdk.conformance.verdict import applies, require
from connectors.sdk.conformance.wire import Seen
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import PushItem
from connectors.sdk.simulator import FaultKind

_ITEMS = 3
_FURTHER = 2
"""Requests beyond those of an undisturbed push that are disturbed too: the repeats."""


def batch() -> list[PushItem]:
    """The companies of a push that is disturbed."""
    return [company_item(number) for number in range(_ITEMS)]


def requests_of_a_push(lab: Lab) -> int:
    """How many requests an undisturbed push makes."""
    stage, opened = writable(lab)
    _push_all(stage, opened)
    applies(opened.wire.seen, "a push sends no requests")
    return len(opened.wire.seen)


def _push_all(stage: Stage, opened: Opened, *, alone: bool = True) -> list[Outcome]:
    outcomes: list[Outcome] = []
    size = min(opened.capabilities.batch_size, _ITEMS)
    items = batch()
    for start in range(0, _ITEMS, size):
        outcomes += push_checked(stage, opened, items[start : start + size], alone=alone)
    return outcomes


def _disturbed(lab: Lab, kind: FaultKind) -> None:
    """Let each request of a push in turn meet the fault; each time, everything comes right."""
    for number in range(1, requests_of_a_push(lab) + 1 + _FURTHER):
        stage, opened = writable(lab)
        opened.wire.faults[number] = kind
        outcomes = deliver(stage, opened, batch())
        wrong = [outcome for outcome in outcomes if outcome.record_id is None]
        require(not wrong, f"{kind.value} at request {number}: {wrong}")
        one_each(stage, batch())


def a_lost_reply_makes_no_second_record(lab: Lab) -> None:
    """Whichever reply is lost after the CRM did its work, each company ends up there once."""
    _disturbed(lab, FaultKind.REPLY_LOST)


def a_lost_request_loses_no_company(lab: Lab) -> None:
    """Whichever request is lost before the CRM saw it, each company ends up there once."""
    _disturbed(lab, FaultKind.DROPPED)


def an_error_after_the_work_makes_no_second_record(lab: Lab) -> None:
    """Whichever request is answered 500 although it was done, each company ends up there once."""
    _disturbed(lab, FaultKind.FAILED_AFTER)


def an_outage_loses_no_company(lab: Lab) -> None:
    """Whichever request meets a 503, a 429 or a proxy's page, each company ends up there once."""
    for kind in (FaultKind.UNAVAILABLE, FaultKind.RATE_LIMITED, FaultKind.HTML, FaultKind.SLOW):
        _disturbed(lab, kind)


def a_timeout_makes_no_second_record(lab: Lab) -> None:
    """Whichever reply comes too late, each company ends up there once."""
    for number in range(1, requests_of_a_push(lab) + 1):
        stage, opened = writable(lab)
        _time_out(opened, number)
        deliver(stage, opened, batch())
        one_each(stage, batch())


def _time_out(opened: Opened, number: int) -> None:
    """The reply to this request never comes, though the CRM did its work."""

    def late(seen: Seen) -> None:
        if seen.number == number:
            raise httpx.ReadTimeout("the read operation timed out")

    applies(opened.wire.speaks_http, "this connector does not speak HTTP")
    opened.wire.after = late


def push_does_not_repeat_in_doubt(lab: Lab) -> None:
    """A request that changed the CRM is not sent a second time when its reply was lost."""
    for kind in (FaultKind.REPLY_LOST, FaultKind.FAILED_AFTER):
        for number in range(1, requests_of_a_push(lab) + 1):
            stage, opened = writable(lab)
            changed = _watch_changes(stage, opened)
            opened.wire.faults[number] = kind
            _push_all(stage, opened)
            lost = opened.wire.seen[number - 1]
            if number in changed:
                times = Counter(seen.content for seen in opened.wire.seen)[lost.content]
                require(times == 1, f"{lost.method} {lost.url} was in doubt and sent {times} times")


def _watch_changes(stage: Stage, opened: Opened) -> set[int]:
    """The numbers of the requests that change what the CRM holds, as they come."""
    changed: set[int] = set()
    held: list[set[str]] = [stage.live_ids()]

    def compare(seen: Seen) -> None:
        now = stage.live_ids()
        if now != held[0]:
            changed.add(seen.number)
            held[0] = now

    opened.wire.after = compare
    return changed


def a_lasting_outage_rejects_nobody(lab: Lab) -> None:
    """While every request fails, companies are in doubt or not sent: never created or rejected."""
    for kind in FaultKind:
        if kind is FaultKind.SLOW:
            continue
        stage, opened = writable(lab)
        opened.wire.every_fault = kind
        outcomes = _push_all(stage, opened)
        for outcome in outcomes:
            final = outcome.kind in {OutcomeKind.CREATED, OutcomeKind.REJECTED}
            require(not final, f"with {kind.value} at every request: {outcome.kind.value}")
        opened.wire.calm()
        deliver(stage, opened, batch(), so_far=outcomes)
        one_each(stage, batch())


def a_rate_limit_is_no_doubt(lab: Lab) -> None:
    """A company that met 429 alone was not sent: it is told so, and not as in doubt."""
    stage, opened = writable(lab)
    opened.wire.every_fault = FaultKind.RATE_LIMITED
    kinds = {outcome.kind for outcome in _push_all(stage, opened)}
    require(kinds == {OutcomeKind.NOT_SENT}, f"after nothing but 429: {sorted(kinds)}")


def two_pushers_make_one_record(lab: Lab) -> None:
    """Two replicas that push the same companies at once make one record of each.

    The second pushes everything between two requests of the first, at every place in turn.
    """
    for number in range(1, requests_of_a_push(lab) + 1):
        stage, first = constrained(lab)
        second = stage.ready()
        _interrupt(first, number, lambda: deliver(stage, second, batch(), alone=False))  # noqa: B023 - called in this round
        outcomes = deliver(stage, first, batch(), alone=False)
        one_each(stage, batch())
        _name_the_record(stage, outcomes)


def two_pushers_take_turns(lab: Lab) -> None:
    """Two replicas whose requests alternate, lost replies among them, make one record of each."""
    for number in range(1, requests_of_a_push(lab) + 1):
        stage, first = constrained(lab)
        second = stage.ready()
        second.wire.faults[number] = FaultKind.REPLY_LOST
        _interrupt(first, number, lambda: _push_all(stage, second, alone=False))  # noqa: B023 - called in this round
        first.wire.faults[number] = FaultKind.REPLY_LOST
        _name_the_record(stage, deliver(stage, first, batch(), alone=False))
        second.wire.calm()
        _name_the_record(stage, deliver(stage, second, batch(), alone=False))
        one_each(stage, batch())


def _interrupt(opened: Opened, number: int, act: Callable[[], object]) -> None:
    """Do something just before the CRM sees the request with this number."""

    def before(seen: Seen) -> None:
        if seen.number == number:
            act()

    opened.wire.before = before


def _name_the_record(stage: Stage, outcomes: list[Outcome]) -> None:
    for item, outcome in zip(batch(), outcomes, strict=True):
        own = stage.records_of(item)[0].record_id
        require(outcome.record_id in {None, own}, f"the record is {own}, but {outcome}")


def a_person_is_not_doubled(lab: Lab) -> None:
    """Where the constraint stops people too, a person who is a moment faster is not doubled."""
    for number in range(1, requests_of_a_push(lab) + 1):
        stage, opened = writable(lab)
        known = opened.capabilities
        applies(known.uniqueness is Uniqueness.ALL_WRITERS, "the constraint does not stop people")
        applies(
            known.key_comparison is KeyComparison.NORMALISED_DOMAIN,
            "the constraint compares spellings, not domains",
        )
        item = batch()[0]
        typed = Typed(name="A Person", websites=(str(item.company.domain),))
        _interrupt(opened, number, lambda: _type_once(stage, item, typed))  # noqa: B023 - called in this round
        deliver(stage, opened, batch(), alone=False)
        one_each(stage, batch())


def _type_once(stage: Stage, item: PushItem, typed: Typed) -> None:
    if not stage.records_of(item):
        stage.harness.person_creates(typed)


LAWS = (
    a_lost_reply_makes_no_second_record,
    a_lost_request_loses_no_company,
    an_error_after_the_work_makes_no_second_record,
    an_outage_loses_no_company,
    a_timeout_makes_no_second_record,
    push_does_not_repeat_in_doubt,
    a_lasting_outage_rejects_nobody,
    a_rate_limit_is_no_doubt,
    two_pushers_make_one_record,
    two_pushers_take_turns,
    a_person_is_not_doubled,
)
