"""Laws of learning what changed."""

from datetime import datetime, timedelta

from connectors.sdk.capabilities import Incremental
from connectors.sdk.conformance.harness import Typed
from connectors.sdk.conformance.mirror import Mirror, read_changes, read_scan, upserted
from connectors.sdk.conformance.stage import Lab, Opened, Stage
from connectors.sdk.conformance.verdict import DoesNotApply, applies, require
from connectors.sdk.faults import Fault

_MINUTE = timedelta(minutes=1)
_PATIENCE = 300
_PAGED_REQUESTS = 3
_ACTS = 30


def following(lab: Lab) -> tuple[Stage, Opened, str]:
    """An empty CRM, a connector that can follow its changes, and the cursor of this moment."""
    stage = lab.stage()
    opened = stage.ready()
    applies(opened.capabilities.mirrors, "this target cannot be read")
    applies(
        opened.capabilities.incremental is not Incremental.NONE, "this CRM tells no changes at all"
    )
    cursor = opened.connector.changes_from(stage.clock.now())
    stage.clock.advance(_MINUTE)
    return stage, opened, cursor


def changes_tell_new_records(lab: Lab) -> None:
    """Every record that was made after the moment is told."""
    stage, opened, cursor = following(lab)
    ids = set(stage.people_add(3))
    stage.settle(opened)
    told = set(upserted(read_changes(opened, cursor)))
    require(told == ids, f"new were {sorted(ids)}, told were {sorted(told)}")


def changes_tell_edits(lab: Lab) -> None:
    """A record that was edited after the moment is told as it is now."""
    stage, opened, _ = following(lab)
    applies(
        opened.capabilities.incremental is Incremental.MODIFIED_SINCE, "edits need a full listing"
    )
    first, _ = stage.people_add(2)
    stage.settle(opened)
    stage.clock.advance(timedelta(hours=1))
    cursor = opened.connector.changes_from(stage.clock.now())
    stage.clock.advance(_MINUTE)
    stage.harness.person_edits(first, Typed(name="Renamed", websites=("renamed-1.com",)))
    stage.settle(opened)
    told = upserted(read_changes(opened, cursor))
    require(first in told, "an edit was not told")
    require(told[first].name == "Renamed", f"an edit was told with {told[first].name!r}")


def changes_go_on_from_every_cursor(lab: Lab) -> None:
    """A new connector goes on after any page and tells everything that is left."""
    stage, opened, cursor = following(lab)
    stage.people_add(stage.harness.many)
    stage.settle(opened)
    pages = read_changes(opened, cursor)
    require(set(upserted(pages)) == stage.live_ids(), "not every new record was told")
    for number, page in enumerate(pages[:-1], start=1):
        rest = set(upserted(read_changes(stage.ready(), page.cursor)))
        missing = set(upserted(pages[number:])) - set(upserted(pages[:number])) - rest
        require(not missing, f"after page {number}, {len(missing)} changes were lost")


def changes_tell_what_comes_after(lab: Lab) -> None:
    """The last cursor tells what happens from then on; asked again, it tells an end."""
    stage, opened, cursor = following(lab)
    stage.people_add(2)
    stage.settle(opened)
    cursor = read_changes(opened, cursor)[-1].cursor
    cursor = read_changes(opened, cursor)[-1].cursor
    stage.clock.advance(_MINUTE)
    late = stage.people_add(1, first=20_000)
    stage.settle(opened)
    told = set(upserted(read_changes(stage.ready(), cursor)))
    require(told >= set(late), "a record made after the last page was not told next time")


def changes_with_one_stamp_are_all_told(lab: Lab) -> None:
    """Records that changed in the same instant are all told, though they fill several pages."""
    stage, opened, cursor = following(lab)
    made = [
        stage.harness.person_creates(Typed(name=f"Batch {n}", websites=(f"batch-{n}.com",)))
        for n in range(stage.harness.many)
    ]
    stage.settle(opened)
    missing = set(made) - set(upserted(read_changes(opened, cursor)))
    require(not missing, f"{len(missing)} of {len(made)} records with one stamp were not told")


def changes_overlap_by_the_settling_time(lab: Lab) -> None:
    """What became visible late, within the settling time, is told by the next reading."""
    stage, opened, cursor = following(lab)
    settling = opened.capabilities.settling
    applies(settling, "this CRM shows every write at once")
    late = stage.harness.creates_late(
        Typed(name="Late", websites=("late-1.com",)), after=settling * 0.9
    )
    stage.clock.advance(settling * 0.05)
    prompt = _shown_at_once(stage)
    stage.clock.advance(settling * 0.5)
    first = read_changes(opened, cursor)
    told = set(upserted(first))
    require(prompt in told, "the harness's creates_late did not show a record after no time")
    require(late not in told, "the harness's creates_late showed its record before its time")
    stage.clock.advance(settling)
    told = set(upserted(read_changes(stage.ready(), first[-1].cursor)))
    require(
        late in told, "a record that became visible late was never told: the watermark moved on"
    )


def _shown_at_once(stage: Stage) -> str:
    typed = Typed(name="Prompt", websites=("prompt-1.com",))
    return stage.harness.creates_late(typed, after=timedelta(0))


def changes_from_a_moment_include_late_commits(lab: Lab) -> None:
    """Counting from a moment, a record stamped just before it but visible after it is told."""
    stage, opened, _ = following(lab)
    settling = opened.capabilities.settling
    applies(settling, "this CRM shows every write at once")
    late = stage.harness.creates_late(
        Typed(name="Late", websites=("late-1.com",)), after=settling * 0.9
    )
    stage.clock.advance(settling * 0.5)
    cursor = opened.connector.changes_from(stage.clock.now())
    stage.clock.advance(settling)
    told = set(upserted(read_changes(opened, cursor)))
    require(
        late in told, "a record stamped before the moment became visible after it, and was lost"
    )


def changes_do_not_run_in_circles(lab: Lab) -> None:
    """A server that repeats a page for ever gets a fault, not endless requests or a false end."""
    stage, opened, cursor = following(lab)
    stage.people_add(stage.harness.many)
    stage.settle(opened)
    opened.wire.calm()
    read_changes(opened, cursor)
    applies(len(opened.wire.seen) >= _PAGED_REQUESTS, "these changes are not paged by requests")
    opened.wire.calm()
    opened.wire.stuck_after, opened.wire.limit = _PAGED_REQUESTS - 1, _PATIENCE
    try:
        told = set(upserted(read_changes(opened, cursor)))
    except Fault:
        return
    missing = stage.live_ids() - told
    require(not missing, f"the server repeated a page; the changes ended without {len(missing)}")


def mirror_follows_deletions(lab: Lab) -> None:
    """After a deletion the mirror drops the record: by changes where declared, else by a sweep."""
    stage, opened, mirror, cursor = _mirrored(lab)
    doomed = min(mirror.ids)
    stage.harness.person_deletes(doomed)
    _follow(stage, opened, mirror, cursor)
    if opened.capabilities.sees_deletions:
        require(doomed not in mirror.ids, "a deletion was not told, though sees_deletions is true")
    _sweep_agrees(stage, opened, mirror)


def mirror_follows_merges(lab: Lab) -> None:
    """After a merge the mirror keeps the survivor and drops the other."""
    stage, opened, mirror, cursor = _mirrored(lab)
    survivor, lost = sorted(mirror.ids)[:2]
    stage.harness.person_merges(survivor_id=survivor, lost_id=lost)
    _follow(stage, opened, mirror, cursor)
    require(survivor in mirror.ids, "the survivor of a merge was dropped from the mirror")
    if opened.capabilities.sees_merges:
        require(lost not in mirror.ids, "a merge was not told, though sees_merges is true")
    _sweep_agrees(stage, opened, mirror)


def mirror_follows_revivals(lab: Lab) -> None:
    """A record that comes back out of the bin is in the mirror again, at the latest by a sweep."""
    stage, opened, mirror, cursor = _mirrored(lab)
    chosen = min(mirror.ids)
    stage.harness.person_deletes(chosen)
    cursor = _follow(stage, opened, mirror, cursor)
    stage.harness.person_revives(chosen)
    _follow(stage, opened, mirror, cursor)
    _sweep_agrees(stage, opened, mirror)
    require(chosen in mirror.ids, "a revived record is missing from a full listing")


def mirror_follows_people(lab: Lab) -> None:
    """Whatever people do between two readings, the mirror ends with what the CRM holds."""
    stage, opened, mirror, cursor = _mirrored(lab)
    for number in range(_ACTS):
        _anything(stage, number)
        if number % 4 == 0:
            cursor = _follow(stage, opened, mirror, cursor)
    _follow(stage, opened, mirror, cursor)
    incremental = opened.capabilities.incremental
    for held in stage.harness.live():
        told = mirror.records.get(held.record_id)
        if incremental is not Incremental.NONE:
            require(told is not None, f"the changes left out the live record {held.record_id}")
        if incremental is Incremental.MODIFIED_SINCE and told is not None:
            require(told.name == held.name, f"{held.name!r} is still {told.name!r} in the mirror")
    _sweep_agrees(stage, opened, mirror)


def _anything(stage: Stage, number: int) -> None:
    """One act of a person, by chance, as far as the CRM has it."""
    stage.clock.advance(timedelta(seconds=7))
    ids = sorted(stage.live_ids())
    chosen = stage.harness.random.choice(ids)
    try:
        match stage.harness.random.randrange(3):
            case 0:
                stage.people_add(1, first=30_000 + number)
            case 1:
                typed = Typed(name=f"Edited {number}", websites=(f"edited-{number}.com",))
                stage.harness.person_edits(chosen, typed)
            case _:
                stage.harness.person_deletes(chosen)
    except DoesNotApply:
        stage.people_add(1, first=40_000 + number)


def _mirrored(lab: Lab) -> tuple[Stage, Opened, Mirror, str]:
    """A CRM with some companies, its mirror, and the cursor from before the mirror was made."""
    stage = lab.stage()
    opened = stage.ready()
    applies(opened.capabilities.mirrors, "this target cannot be read")
    stage.people_add(6)
    stage.settle(opened)
    cursor = _cursor(opened, stage.clock.now())
    mirror = Mirror()
    mirror.sweep(read_scan(opened))
    stage.clock.advance(_MINUTE)
    return stage, opened, mirror, cursor


def _cursor(opened: Opened, moment: datetime) -> str:
    if opened.capabilities.incremental is Incremental.NONE:
        return ""
    return opened.connector.changes_from(moment)


def _follow(stage: Stage, opened: Opened, mirror: Mirror, cursor: str) -> str:
    stage.settle(opened)
    if opened.capabilities.incremental is Incremental.NONE:
        return ""
    pages = read_changes(opened, cursor)
    for page in pages:
        mirror.apply(page)
    return pages[-1].cursor


def _sweep_agrees(stage: Stage, opened: Opened, mirror: Mirror) -> None:
    stage.settle(opened)
    mirror.sweep(read_scan(opened))
    differing = mirror.ids ^ stage.live_ids()
    require(not differing, f"after a full listing the mirror differs in {sorted(differing)[:3]}")


LAWS = (
    changes_tell_new_records,
    changes_tell_edits,
    changes_go_on_from_every_cursor,
    changes_tell_what_comes_after,
    changes_with_one_stamp_are_all_told,
    changes_overlap_by_the_settling_time,
    changes_from_a_moment_include_late_commits,
    changes_do_not_run_in_circles,
    mirror_follows_deletions,
    mirror_follows_merges,
    mirror_follows_revivals,
    mirror_follows_people,
)
