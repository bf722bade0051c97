"""Laws of creating companies when nothing goes wrong."""

from dataclasses import replace
from itertools import permutations

from connectors.sdk.capabilities import Uniqueness
from connectors.sdk.conformance.delivery import deliver, push_checked, resolve_patiently
from connectors.sdk.conformance.harness import Harness, Typed
from connectors.sdk.conformance.stage import Lab, Opened, Stage, company_item
from connectors.sdk.conformance.verdict import DoesNotApply, applies, require
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.records import PushItem

_MOST_ITEMS = 12


def writable(lab: Lab, *, seed: int = 1) -> tuple[Stage, Opened]:
    """An empty CRM and a connector that can write to it."""
    stage = lab.stage(seed=seed)
    opened = stage.ready()
    applies(opened.capabilities.pushes, "nothing can be pushed to this target")
    return stage, opened


def constrained(lab: Lab, *, seed: int = 1) -> tuple[Stage, Opened]:
    """The same, where the CRM stops at least our own second record."""
    stage, opened = writable(lab, seed=seed)
    applies(
        opened.capabilities.uniqueness is not Uniqueness.NONE, "this CRM has no unique key of ours"
    )
    return stage, opened


def one_each(stage: Stage, items: list[PushItem]) -> None:
    """See that there is exactly one live record of each company.

    Raises:
        LawBroken: there is none of one, or more than one.
    """
    for item in items:
        count = len(stage.records_of(item))
        require(count == 1, f"{count} records of {item.company.key}, where there should be one")


def push_creates_each_company(lab: Lab) -> None:
    """Every pushed company is there once, and its outcome names its own record, in order."""
    stage, opened = writable(lab)
    items = [company_item(number) for number in range(_MOST_ITEMS)]
    outcomes = deliver(stage, opened, items)
    one_each(stage, items)
    for item, outcome in zip(items, outcomes, strict=True):
        require(outcome.kind is OutcomeKind.CREATED, f"a new company is {outcome.kind.value}")
        own = stage.records_of(item)[0]
        require(
            outcome.record_id == own.record_id,
            f"{item.company.key} is {own.record_id}, but its outcome says {outcome.record_id}",
        )
    stage.settle(opened)


def push_takes_a_whole_batch(lab: Lab) -> None:
    """A push of ``batch_size`` items gives as many outcomes; one of nothing gives none."""
    stage, opened = writable(lab)
    require(len(opened.connector.push([])) == 0, "a push of nothing has outcomes")
    require(len(opened.connector.resolve([])) == 0, "a resolve of nothing has answers")
    items = [company_item(number) for number in range(opened.capabilities.batch_size)]
    deliver(stage, opened, items)
    one_each(stage, items[:_MOST_ITEMS])


def push_writes_what_is_mapped(lab: Lab) -> None:
    """The new record carries the company's name and leads to its domain."""
    stage, opened = writable(lab)
    applies(opened.capabilities.mirrors, "this target cannot be read")
    item = company_item(1)
    deliver(stage, opened, [item])
    stage.settle(opened)
    record_id = stage.records_of(item)[0].record_id
    told = opened.connector.read([record_id])
    require(record_id in told, "a pushed record cannot be read")
    require(told[record_id].name == item.company.name, f"its name became {told[record_id].name!r}")
    require(
        any(str(item.company.domain) in site.lower() for site in told[record_id].websites),
        f"its websites {told[record_id].websites} do not lead to {item.company.domain}",
    )
    found = opened.connector.lookup([item.company])[0]
    require(record_id in {record.record_id for record in found}, "a pushed record is not looked up")


def second_push_finds_the_first(lab: Lab) -> None:
    """A company that is pushed again, by anybody of ours, existed already; there is still one."""
    stage, opened = constrained(lab)
    items = [company_item(number) for number in range(3)]
    first = deliver(stage, opened, items)
    again = [replace(item, trace_id=f"again-{item.trace_id}") for item in items]
    for other in (opened, stage.ready()):
        second = deliver(stage, other, again)
        one_each(stage, items)
        for before, after in zip(first, second, strict=True):
            known = {None, before.record_id}
            require(after.record_id in known, f"first {before.record_id}, then {after.record_id}")


def a_repeated_push_is_told_as_existing(lab: Lab) -> None:
    """A push of a company that the CRM's key already holds says so, and not that it was created."""
    stage, opened = constrained(lab)
    applies(opened.capabilities.mirrors, "this target cannot tell old from new")
    item = company_item(1)
    deliver(stage, opened, [item])
    stage.settle(opened)
    outcome = push_checked(stage, opened, [item])[0]
    told = {OutcomeKind.EXISTED, OutcomeKind.UNKNOWN, OutcomeKind.NOT_SENT}
    require(outcome.kind in told, f"a company that was there is {outcome.kind.value}")


def push_keeps_what_people_changed(lab: Lab) -> None:
    """A push of a company that is there already leaves a person's edits as they are."""
    stage, opened = constrained(lab)
    applies(opened.capabilities.create_only, "this CRM overwrites: create_only is false")
    item = company_item(1)
    record_id = deliver(stage, opened, [item])[0].record_id
    require(record_id is not None, "a created record has no id")
    stage.harness.person_edits(str(record_id), Typed(name="A Person", websites=("firm-1.com",)))
    stage.settle(opened)
    deliver(stage, opened, [company_item(1, name="Our Newer Name Ltd")])
    names = [record.name for record in stage.records_of(item)]
    require(names == ["A Person"], f"a person's name for the company was replaced: {names}")


def push_leaves_deleted_companies_deleted(lab: Lab) -> None:
    """A push never brings the record back, or changes it, that a person deleted."""
    stage, opened = writable(lab)
    item = company_item(1)
    record_id = deliver(stage, opened, [item])[0].record_id
    stage.harness.person_deletes(str(record_id))
    stage.settle(opened)
    outcomes = opened.connector.push([stage.sent(company_item(1, name="Our Newer Name Ltd"))])
    require(len(outcomes) == 1, f"{len(outcomes)} outcomes for one item")
    require(len(stage.records_of(item)) <= 1, "a push after a deletion made two records")
    if type(stage.harness).person_revives is Harness.person_revives:
        return  # Without a bin, the deleted record is nowhere: there is nothing to leave alone.
    require(record_id not in stage.live_ids(), "a push revived what a person had deleted")
    stage.harness.person_revives(str(record_id))
    revived = [record.name for record in stage.harness.live() if record.record_id == record_id]
    require(revived == [item.company.name], f"a push changed a deleted record to {revived}")


def push_meets_merged_companies(lab: Lab) -> None:
    """A company whose record was merged into another is not made again by a resolve or look-up."""
    stage, opened = writable(lab)
    applies(opened.capabilities.mirrors, "this target cannot be read")
    item = company_item(1)
    ours = deliver(stage, opened, [item])[0].record_id
    theirs = stage.people_add(1)[0]
    stage.harness.person_merges(survivor_id=theirs, lost_id=str(ours))
    stage.settle(opened)
    before = stage.live_ids()
    found = {record.record_id for record in opened.connector.lookup([item.company])[0]}
    require(str(ours) not in found, "the look-up found a record that was merged away")
    answer = resolve_patiently(stage, opened, item)
    require(answer.record_id != ours, "resolve found a record that was merged away")
    require(stage.live_ids() == before, "looking up or resolving changed what the CRM holds")


def push_of_a_mixed_batch_keeps_its_order(lab: Lab) -> None:
    """Known, new and refused companies in one batch each get their own outcome, in any order."""
    for seed, order in enumerate(permutations(range(4)), start=1):
        stage, opened = writable(lab, seed=seed)
        applies(opened.capabilities.batch_size > 1, "companies go one by one")
        _push_mixed(stage, opened, order)


def _push_mixed(stage: Stage, opened: Opened, order: tuple[int, ...]) -> None:
    known, refused = company_item(0), company_item(1)
    refuses = _refuse(stage, refused)
    unique = opened.capabilities.uniqueness is not Uniqueness.NONE
    if unique:
        deliver(stage, opened, [known])
    batch = [(known, refused, company_item(2), company_item(3))[place] for place in order]
    outcomes = deliver(stage, opened, batch[: opened.capabilities.batch_size])
    for item, outcome in zip(batch, outcomes, strict=False):
        expected = 0 if item is refused and refuses else 1
        count = len(stage.records_of(item))
        require(count == expected, f"{count} records of {item.company.key} after a mixed batch")
        if expected:
            known_id = stage.records_of(item)[0].record_id
            require(
                outcome.record_id in {None, known_id},
                f"{item.company.key} is {known_id}, but its outcome says {outcome.record_id}",
            )
        else:
            require(
                outcome.kind is OutcomeKind.REJECTED, f"a refused company is {outcome.kind.value}"
            )
            require(outcome.reason, "a company was rejected without a reason")


def _refuse(stage: Stage, item: PushItem) -> bool:
    try:
        stage.harness.refuse_company(item.company.name)
    except DoesNotApply:
        return False
    return True


def a_refused_company_is_rejected_alone(lab: Lab) -> None:
    """A company that the CRM refuses is rejected with the reason; the others of the push go on."""
    stage, opened = writable(lab)
    items = [company_item(number) for number in range(5)]
    stage.harness.refuse_company(items[2].company.name)
    outcomes = deliver(stage, opened, items)
    kinds = [outcome.kind.value for outcome in outcomes]
    require(
        kinds == ["created", "created", "rejected", "created", "created"],
        f"the third was refused, but the outcomes are {kinds}",
    )
    require(outcomes[2].reason, "a company was rejected without a reason")


def resolve_creates_nothing(lab: Lab) -> None:
    """A company that was never pushed is absent, and resolving it leaves the CRM as it was."""
    stage, opened = writable(lab)
    if opened.capabilities.mirrors:
        stage.people_add(2)
    before = stage.live_ids()
    for number in range(3):
        answer = resolve_patiently(stage, opened, stage.sent(company_item(number)))
        require(
            answer.kind is ResolutionKind.ABSENT, f"a company never pushed is {answer.kind.value}"
        )
    require(stage.live_ids() == before, "resolve created or changed a record")


def resolve_finds_what_arrived(lab: Lab) -> None:
    """A company that was pushed is found with its own id, each in order."""
    stage, opened = writable(lab)
    applies(opened.capabilities.mirrors, "this target cannot be read")
    items = [stage.sent(company_item(number)) for number in range(3)]
    outcomes = deliver(stage, opened, items)
    for item, outcome in zip(items, outcomes, strict=True):
        answer = resolve_patiently(stage, opened, item)
        require(
            answer.record_id == outcome.record_id,
            f"{item.company.key} was made as {outcome.record_id}, resolve says {answer}",
        )


LAWS = (
    push_creates_each_company,
    push_takes_a_whole_batch,
    push_writes_what_is_mapped,
    second_push_finds_the_first,
    a_repeated_push_is_told_as_existing,
    push_keeps_what_people_changed,
    push_leaves_deleted_companies_deleted,
    push_meets_merged_companies,
    push_of_a_mixed_batch_keeps_its_order,
    a_refused_company_is_rejected_alone,
    resolve_creates_nothing,
    resolve_finds_what_arrived,
)
