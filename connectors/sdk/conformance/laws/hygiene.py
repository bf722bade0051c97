"""Laws of what a connector shows, and of what it sends: secrets, audit, specification, chance."""

import traceback

import httpx
import orjson

from connectors.sdk.conformance.laws.vendors import over_http
from connectors.sdk.conformance.stage import Lab
from connectors.sdk.conformance.tour import tour
from connectors.sdk.conformance.verdict import applies, require
from connectors.sdk.simulator import FaultKind


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
        if opened.capabilities.mirrors:
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
    if opened.capabilities.mirrors:
        stage.people_add(3)
    journal = tour(stage, opened)
    require(not journal.faults, f"an undisturbed tour raised {journal.faults}")
    orjson.dumps(journal.results)


LAWS = (
    secrets_stay_secret,
    every_request_is_observed,
    unknown_fields_are_ignored,
    same_seed_same_requests,
    requests_fit_the_specification,
)
