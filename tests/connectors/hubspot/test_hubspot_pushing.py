"""Creating companies in HubSpot: each once, nothing of people's overwritten, no company lost."""

from collections.abc import Callable
from dataclasses import replace

import httpx
import orjson
import pytest

from connectors.sdk.faults import (
    BadCredentials,
    NeedsPerson,
    QuotaExhausted,
    RateLimited,
)
from connectors.sdk.outcomes import Outcome
from connectors.sdk.simulator import LostConnection
from tests.connectors.hubspot.account import KEY, Account, company, kinds


def test_outcomes_follow_the_items_though_results_do_not(account: Account) -> None:
    """HubSpot shuffles its results; each outcome still names its own company's record."""
    items = [company(f"firm-{number}.com") for number in range(100)]
    outcomes = account.ready().push(items)
    assert kinds(outcomes) == ["created"] * 100
    for item, outcome in zip(items, outcomes, strict=True):
        assert account.properties(outcome.record_id)[KEY] == item.company.key
    assert account.paths() == [
        "objects/2026-03/companies/batch/read",
        "objects/2026-03/companies/batch/upsert",
    ]


def test_results_without_trace_ids_are_told_by_their_key(account: Account) -> None:
    """Where HubSpot echoes no trace id, the key among the properties tells whose result it is."""
    account.simulator.echoes_trace_ids = False
    items = [company(f"firm-{number}.com") for number in range(9)]
    outcomes = account.ready().push(items)
    assert kinds(outcomes) == ["created"] * 9
    held = [account.properties(outcome.record_id)[KEY] for outcome in outcomes]
    assert held == [item.company.key for item in items]


def test_the_default_mapping_reaches_hubspot(account: Account) -> None:
    """Every mapped field arrives as HubSpot's text, buckets as a number, our own fields too."""
    item = company(
        "acme.com",
        name="Acme",
        website="https://acme.com",
        description="Makes anvils",
        country="Germany",
        state="Hamburg",
        city="Hamburg",
        employee_count="SIZE_51_200",
        founding_year=1949,
        relevance=87,
        search="anvils",
        task_id="task-1",
    )
    outcome = account.ready().push([item])[0]
    held = account.properties(outcome.record_id)
    assert outcome.warnings == ()
    assert (
        held.items()
        >= {
            KEY: "acme.com",
            "name": "Acme",
            "domain": "acme.com",
            "website": "https://acme.com",
            "description": "Makes anvils",
            "country": "Germany",
            "state": "Hamburg",
            "city": "Hamburg",
            "numberofemployees": "51",
            "founded_year": "1949",
            "prospectd_relevance": "87",
            "prospectd_search": "anvils",
            "prospectd_task": "task-1",
        }.items()
    )


def test_what_has_our_key_is_left_as_it_is(account: Account) -> None:
    """A second push of a company sends nothing to HubSpot: a person's edits stay."""
    crm = account.ready()
    first = crm.push([company("acme.com", name="Acme")])[0]
    account.simulator.edit(str(first.record_id), name="Acme Holding")
    account.requests.clear()
    again = replace(company("acme.com", name="Acme Ltd"), trace_id="another")
    assert crm.push([again]) == [Outcome.existed(first.record_id, reason="it has our key")]
    assert account.paths() == ["objects/2026-03/companies/batch/read"]
    assert account.values("name") == ["Acme Holding"]


@pytest.mark.parametrize("conflict", [False, True])
def test_a_key_that_appears_in_between_is_told_as_existing(
    account: Account, *, conflict: bool
) -> None:
    """Another replica's record between our read and our write is adopted, however HubSpot says."""
    account.simulator.conflict_on_upsert = conflict
    other = account.ready()
    quicker: list[Outcome] = []

    def race(request: httpx.Request) -> None:
        if request.url.path.endswith("/upsert") and not quicker:
            quicker.append(Outcome.unknown("under way"))
            quicker[:] = other.push([company("acme.com")])

    outcomes = account.open(before=race).push([company("acme.com"), company("new.com")])
    assert kinds(quicker) == ["created"]
    assert kinds(outcomes) == ["existed", "created"]
    assert outcomes[0].record_id == quicker[0].record_id
    assert account.values(KEY) == ["acme.com", "new.com"]


def test_one_company_twice_in_a_batch_is_made_once(account: Account) -> None:
    """Two items of one key become one record; the second is told as existing."""
    twin = replace(company("acme.com"), trace_id="second")
    outcomes = account.ready().push([company("acme.com"), company("b.com"), twin])
    assert kinds(outcomes) == ["created", "created", "existed"]
    assert outcomes[2].record_id == outcomes[0].record_id
    assert account.values(KEY) == ["acme.com", "b.com"]


REFUSED: tuple[tuple[dict[str, str], dict[str, str], str, str], ...] = (
    ({"industry": "{search}"}, {"search": "Anvils"}, "industry", "INVALID_OPTION"),
    ({"annualrevenue": "{search}"}, {"search": "a lot"}, "annualrevenue", "INVALID_INTEGER"),
    ({"no_such_thing": "x"}, {}, "no_such_thing", "PROPERTY_DOESNT_EXIST"),
    ({"hs_object_id": "7"}, {}, "hs_object_id", "READ_ONLY_VALUE"),
    ({}, {"description": "x" * 70_000}, "description", "TOO_LONG"),
)


@pytest.mark.parametrize("together", [False, True])
@pytest.mark.parametrize(("mapping", "fields", "name", "code"), REFUSED)
def test_a_refused_field_is_dropped_and_not_the_company(
    account: Account,
    mapping: dict[str, str],
    fields: dict[str, str],
    name: str,
    code: str,
    *,
    together: bool,
) -> None:
    """A value that HubSpot refuses is left out with a warning that names it; the rest arrives."""
    account.simulator.multi_status = not together
    crm = account.ready(mapping=mapping)
    good, bad = company("good.com"), company("bad.com", **fields)
    outcomes = crm.push([good, bad])
    assert kinds(outcomes) == ["created", "created"]
    assert any(name in warning and code in warning for warning in outcomes[1].warnings)
    assert name not in account.properties(outcomes[1].record_id) or name == "hs_object_id"
    assert account.values(KEY) == ["bad.com", "good.com"]


def test_several_refused_fields_are_all_dropped(account: Account) -> None:
    """Fields that are refused one after the other are dropped one after the other."""
    crm = account.ready(mapping={"industry": "Anvils", "type": "none", "nonsense": "x"})
    outcome = crm.push([company("acme.com")])[0]
    assert outcome.kind.value == "created"
    assert len(outcome.warnings) == 3


def test_a_missing_required_property_rejects_with_the_reason(account: Account) -> None:
    """An administrator's rule that we cannot meet rejects that company and says which property."""
    account.simulator.require("phone")
    crm = account.ready(mapping={"phone": "{query}"})
    outcomes = crm.push([company("with.com", query="+49 40 1"), company("without.com")])
    assert kinds(outcomes) == ["created", "rejected"]
    assert "phone" in outcomes[1].reason
    assert account.values(KEY) == ["with.com"]


def test_a_taken_domain_is_an_existing_company(account: Account) -> None:
    """Where somebody made ``domain`` unique, a conflict over it means that the company is there."""
    account.simulator.make_unique("domain")
    theirs = account.simulator.create(name="Theirs", domain="acme.com")
    outcomes = account.ready().push([company("acme.com"), company("new.com")])
    assert kinds(outcomes) == ["existed", "created"]
    assert outcomes[0].record_id == theirs
    assert account.values("domain") == ["acme.com", "new.com"]


def test_another_taken_unique_value_is_dropped(account: Account) -> None:
    """A conflict over some other unique property drops that value: the company is a new one."""
    account.simulator.make_unique("phone")
    account.simulator.create(name="Theirs", phone="1")
    crm = account.ready(mapping={"phone": "1"})
    outcome = crm.push([company("acme.com")])[0]
    assert outcome.kind.value == "created"
    assert outcome.warnings == ("phone left out: HubSpot says the value is taken",)


@pytest.mark.parametrize(
    "trouble",
    [
        lambda account: setattr(account.simulator, "token", "another"),
        lambda account: account.simulator.scopes.discard("crm.objects.companies.write"),
    ],
)
def test_a_token_that_may_not_write_is_told(
    account: Account, trouble: Callable[[Account], None]
) -> None:
    """A refused token is one fault for all, and no company is rejected for it."""
    crm = account.ready()
    trouble(account)
    with pytest.raises(BadCredentials):
        crm.push([company("acme.com")])
    assert account.simulator.companies() == []


def test_a_missing_key_property_needs_a_person(account: Account) -> None:
    """Without the unique property nothing is sent, and the fault says where help is."""
    with pytest.raises(NeedsPerson, match="check --online"):
        account.open().push([company("acme.com")])
    assert account.simulator.companies() == []


def test_a_lock_is_waited_out(account: Account) -> None:
    """A 423 lasts two seconds and was not carried out: the write goes on by itself."""
    crm = account.ready()
    account.simulator.locked_times = 2
    assert kinds(crm.push([company("acme.com")])) == ["created"]
    assert account.clock.monotonic() >= 4


def test_a_used_up_day_waits_for_midnight_of_the_account(account: Account) -> None:
    """A daily limit is no rejection: it names midnight in the account's own time zone."""
    crm = account.ready(timezone="America/New_York")
    account.simulator.daily_exhausted = True
    with pytest.raises(QuotaExhausted) as caught:
        crm.push([company("acme.com")])
    assert caught.value.until is not None
    assert caught.value.until.isoformat() == "2026-03-03T05:00:00+00:00"


def test_a_limit_in_the_middle_leaves_the_rest_unsent(account: Account) -> None:
    """When the day ends after the first part, what was made stays made and the rest is unsent."""

    def exhaust(request: httpx.Request) -> None:
        body = orjson.loads(request.content or b"{}")
        if len(body.get("inputs", [])) == 1 and request.url.path.endswith("/upsert"):
            account.simulator.daily_exhausted = True

    crm = account.ready(before=exhaust, mapping={"industry": "{search}"})
    outcomes = crm.push([company("good.com"), company("bad.com", search="Anvils")])
    assert kinds(outcomes) == ["created", "not_sent"]
    assert outcomes[1].retry_at is not None


def test_a_lost_reply_is_unknown_and_read_back(account: Account) -> None:
    """A reply that never came makes every sent company unknown; reading back finds them all."""
    lose = [True]

    def hang_up(request: httpx.Request) -> None:
        if request.url.path.endswith("/upsert") and lose:
            lose.clear()
            account.simulator.handle(request)
            raise httpx.ReadError("reset", request=request)

    crm = account.ready(before=hang_up)
    items = [company("a.com"), company("b.com")]
    assert kinds(crm.push(items)) == ["unknown", "unknown"]
    assert kinds(crm.resolve(items)) == ["found", "found"]
    assert kinds(crm.push(items)) == ["existed", "existed"]
    assert account.values(KEY) == ["a.com", "b.com"]


def test_a_lost_request_is_absent_and_sent_again(account: Account) -> None:
    """A request that never arrived is unknown too; reading back says absent, a new push creates."""
    lose = [True]

    def hang_up(request: httpx.Request) -> None:
        if request.url.path.endswith("/upsert") and lose:
            lose.clear()
            raise httpx.ReadTimeout("slow", request=request)

    crm = account.ready(before=hang_up)
    item = company("a.com")
    assert kinds(crm.push([item])) == ["unknown"]
    assert kinds(crm.resolve([item])) == ["absent"]
    assert kinds(crm.push([item])) == ["created"]


def test_a_deleted_company_is_found_in_the_archive(account: Account) -> None:
    """What arrived and was deleted by a person since did arrive: it must not be sent again."""
    crm = account.ready()
    outcome = crm.push([company("a.com")])[0]
    account.simulator.archive(str(outcome.record_id))
    resolution = crm.resolve([company("a.com"), company("b.com")])
    assert kinds(resolution) == ["found", "absent"]
    assert resolution[0].record_id == outcome.record_id


def test_a_reply_that_names_nobody_is_unknown(account: Account) -> None:
    """An item that neither results nor errors mention is in doubt, never taken for done."""
    crm = account.ready()

    class Silent:
        """HubSpot, but for an empty answer to upserts."""

        def handle(self, request: httpx.Request) -> httpx.Response:
            """Answer one request."""
            response = account.simulator.handle(request)
            if not request.url.path.endswith("/upsert"):
                return response
            return httpx.Response(200, json={"status": "COMPLETE", "results": []})

    crm = account.open_with(Silent())
    items = [company("a.com"), company("b.com")]
    assert kinds(crm.push(items)) == ["unknown", "unknown"]
    assert kinds(crm.resolve(items)) == ["found", "found"]


@pytest.mark.parametrize(
    "body", [b"[]", b'{"results": 7}', b'{"results": [7]}', b'{"ok": 1}', b"7"]
)
def test_a_reply_of_another_shape_is_unknown(account: Account, body: bytes) -> None:
    """A 2xx that is not a batch's answer leaves every company in doubt."""
    account.ready()

    class Strange:
        """HubSpot, but for a strange answer to upserts."""

        def handle(self, request: httpx.Request) -> httpx.Response:
            """Answer one request."""
            response = account.simulator.handle(request)
            if request.url.path.endswith("/upsert"):
                return httpx.Response(200, content=body)
            return response

    assert kinds(account.open_with(Strange()).push([company("a.com")])) == ["unknown"]


def test_too_many_requests_at_once_are_repeated(account: Account) -> None:
    """A 429 is not carried out, HubSpot says: the write is repeated after the window."""
    crm = account.ready()
    refusals = [2]

    class Busy:
        """HubSpot, but for two refusals of upserts."""

        def handle(self, request: httpx.Request) -> httpx.Response:
            """Answer one request."""
            if request.url.path.endswith("/upsert") and refusals[0]:
                refusals[0] -= 1
                body = {"policyName": "TEN_SECONDLY_ROLLING", "message": "too many"}
                return httpx.Response(429, json=body)
            return account.simulator.handle(request)

    crm = account.open_with(Busy())
    assert kinds(crm.push([company("a.com")])) == ["created"]
    assert account.clock.monotonic() >= 20


def test_a_migration_is_waited_for(account: Account) -> None:
    """A 477 tells when to come back; nothing was done."""
    crm = account.ready()

    class Moving:
        """HubSpot, but for upserts during its move."""

        def handle(self, request: httpx.Request) -> httpx.Response:
            """Answer one request."""
            if request.url.path.endswith("/upsert"):
                return httpx.Response(477, headers={"retry-after": "7200"}, json={})
            return account.simulator.handle(request)

    crm = account.open_with(Moving())
    with pytest.raises(RateLimited) as caught:
        crm.push([company("a.com")])
    assert caught.value.code == "migrating"
    assert (str(caught.value.until))[:16] == "2026-03-02 11:00"


def test_a_lost_connection_before_processing_is_unknown(account: Account) -> None:
    """Nobody can tell whether a hung-up line had carried the request: unknown, not unsent."""
    account.ready()

    class Broken:
        """HubSpot on a line that breaks at upserts."""

        def handle(self, request: httpx.Request) -> httpx.Response:
            """Answer one request."""
            if request.url.path.endswith("/upsert"):
                raise LostConnection(processed=False)
            return account.simulator.handle(request)

    assert kinds(account.open_with(Broken()).push([company("a.com")])) == ["unknown"]
