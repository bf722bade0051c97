"""How many results the next task of a slot asks for, or why there is no next one."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    """``target`` results over several tasks; None: ``desired`` results in one task.

    ``probe``: nothing has been learned of this search yet, and the CRM holds more than can be
    excluded, so that a small first task is worth its time.
    """

    desired: int
    target: int | None
    max_per_task: int
    min_new_share: float
    probe: bool = False


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
    desired: int = 0
    void: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Start a task for so many results."""

    number: int
    desired: int
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
    if not waves:
        if policy.probe and wanted >= WORTH_A_PROBE * PROBE:
            return Wave(number=number, desired=min(PROBE, policy.max_per_task), is_probe=True)
        return Wave(number=number, desired=min(wanted, policy.max_per_task))
    got = sum(wave.returned if policy.target is None else wave.new for wave in waves)
    end = _why_over(policy, waves, got=got)
    if end is not None:
        return end
    return Wave(number=number, desired=min(wanted - got, policy.max_per_task))


def _why_over(policy: WavePolicy, waves: Sequence[WaveFact], *, got: int) -> WavesEnd | None:
    last, new = waves[-1], sum(wave.new for wave in waves)
    returned, fresh = _lately(waves)
    has_probed = len(waves) == 1 and 0 < last.desired <= PROBE < policy.desired
    rules = (
        (last.failed, "failed", "its last task failed"),
        (
            policy.target is None and (got >= policy.desired or not has_probed),
            "done",
            "its one task is done",
        ),
        (
            policy.target is not None and new >= policy.target,
            "target_reached",
            f"it found {new} new companies",
        ),
        (
            last.exhausted or last.returned == 0,
            "exhausted",
            f"the vendor finds no more; it found {new} new companies",
        ),
        (
            returned >= JUDGED_FROM and (fresh == 0 or fresh < policy.min_new_share * returned),
            "diminishing",
            f"only {fresh} of the last {returned} results were new",
        ),
    )
    return next((WavesEnd(code=code, text=text) for holds, code, text in rules if holds), None)


def _lately(waves: Sequence[WaveFact]) -> tuple[int, int]:
    """What the last waves returned, and how much of it was new, as far back as is needed."""
    returned = fresh = 0
    for wave in reversed(waves):
        returned, fresh = returned + wave.returned, fresh + wave.new
        if returned >= JUDGED_FROM:
            break
    return returned, fresh
