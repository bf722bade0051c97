"""How many results the next task of a slot asks for, or why there is no next one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from daemon.domain.segments import WHOLE, SegmentFacts, next_share

PROBE = 25
"""Results of a probe: enough to see which words and companies come back."""
WORTH_A_PROBE = 5
"""A probe pays where at least so many times its size are wanted: it costs a task's time, and what
it teaches is worth something for the rest only."""

JUDGED_FROM = 20
"""The share of new ones is judged over the last waves that returned so many together: the last
wave of a target may ask for three."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePolicy:
    """``target`` results over several tasks; None: ``desired`` results, one task a segment.

    ``probe``: nothing has been learned of this search yet, and the CRM holds more than can be
    excluded, so that a small first task is worth its time; never where there are several segments.
    """

    desired: int
    target: int | None
    max_per_task: int
    min_new_share: float
    probe: bool = False
    segments: tuple[SegmentFacts, ...] = (SegmentFacts(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveFact:
    """What one task of the slot came to. ``new`` are companies that nothing knew before.

    ``desired`` is what it asked for. ``void``: an earlier task was to go on, and the vendor would
    not let it; nothing was paid, and a new task takes its place.
    """

    wave: int
    returned: int
    new: int
    exhausted: bool
    failed: bool
    segment: str = WHOLE
    desired: int = 0
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Start a task for so many results of a segment."""

    number: int
    desired: int
    segment: str = WHOLE
    is_probe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WavesEnd:
    """No further task; ``code`` is stable, ``text`` is for a person."""

    code: str
    text: str


def is_worth_a_probe(*, learned: int, mirrored: int, cap: int) -> bool:
    """Whether a first small task would teach something: nothing is known, and much could come back.

    ``learned`` is how many companies this search and similar ones have returned, ``mirrored`` how
    many the CRMs hold, ``cap`` how many can be excluded.
    """
    return learned == 0 and mirrored > 2 * cap


def plan_wave(policy: WavePolicy, waves: Sequence[WaveFact]) -> Wave | WavesEnd:
    """The next task of a slot whose earlier tasks have all ended, or why it is over.

    A target counts new companies; without one, what was returned is what was asked for.
    """
    wanted = policy.desired if policy.target is None else policy.target
    number = waves[-1].wave + 1 if waves else 1
    waves = [wave for wave in waves if not wave.void]
    if not waves and policy.probe and wanted >= WORTH_A_PROBE * PROBE:
        return Wave(number=number, desired=min(PROBE, policy.max_per_task), is_probe=True)
    got = sum(wave.returned if policy.target is None else wave.new for wave in waves)
    ends = {one.segment: _why_over(policy, waves, one.segment, got=got) for one in policy.segments}
    going = [one for one in policy.segments if ends[one.segment] is None]
    if not going:
        return _together({segment: end for segment, end in ends.items() if end is not None})
    segment, share = next_share(wanted - got, going)
    return Wave(number=number, desired=min(share, policy.max_per_task), segment=segment)


def _why_over(
    policy: WavePolicy, waves: Sequence[WaveFact], segment: str, *, got: int
) -> WavesEnd | None:
    """Why nothing more is asked of a segment, or None."""
    if not waves:
        return None
    found = sum(wave.new for wave in waves)
    own = [wave for wave in waves if wave.segment == segment]
    returned, fresh = _lately(own)
    has_probed = len(waves) == 1 and 0 < waves[0].desired <= PROBE < policy.desired
    is_first_of_all = len(policy.segments) == 1 and has_probed
    rules = (
        (waves[-1].failed, "failed", "its last task failed"),
        (
            policy.target is None
            and (got >= policy.desired or (bool(own) and not is_first_of_all)),
            "done",
            "its one task is done",
        ),
        (
            policy.target is not None and found >= policy.target,
            "target_reached",
            f"it found {found} new companies",
        ),
        (
            bool(own) and (own[-1].exhausted or own[-1].returned == 0),
            "exhausted",
            f"the vendor finds no more; it found {sum(wave.new for wave in own)} new companies",
        ),
        (
            returned >= JUDGED_FROM and (fresh == 0 or fresh < policy.min_new_share * returned),
            "diminishing",
            f"only {fresh} of the last {returned} results were new",
        ),
    )
    return next((WavesEnd(code=code, text=text) for holds, code, text in rules if holds), None)


def _together(ends: Mapping[str, WavesEnd]) -> WavesEnd:
    """One end for a slot whose segments have all come to theirs."""
    texts = {end.text for end in ends.values()}
    last = list(ends.values())[-1]
    if len(texts) == 1:
        return last
    text = "; ".join(f"{segment}: {end.text}" for segment, end in ends.items())
    return WavesEnd(code=last.code, text=text)


def _lately(waves: Sequence[WaveFact]) -> tuple[int, int]:
    """What the last waves returned, and how much of it was new, as far back as is needed."""
    returned = fresh = 0
    for wave in reversed(waves):
        returned, fresh = returned + wave.returned, fresh + wave.new
        if returned >= JUDGED_FROM:
            break
    return returned, fresh
