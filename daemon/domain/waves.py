"""How many results the next task of a slot asks for, or why there is no next one."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class WavePolicy:
    """``target`` results over several tasks; None: one task of ``desired``."""

    desired: int
    target: int | None
    max_per_task: int
    min_new_share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveFact:
    """What one task of the slot came to. ``new`` are companies that nothing knew before."""

    wave: int
    returned: int
    new: int
    exhausted: bool
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Start a task for so many results."""

    number: int
    desired: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WavesEnd:
    """No further task; ``code`` is stable, ``text`` is for a person."""

    code: str
    text: str


def plan_wave(policy: WavePolicy, waves: Sequence[WaveFact]) -> Wave | WavesEnd:
    """The next task of a slot whose earlier tasks have all ended, or why it is over."""
    wanted = policy.desired if policy.target is None else policy.target
    if not waves:
        return Wave(number=1, desired=min(wanted, policy.max_per_task))
    end = _why_over(policy, waves[-1], new=sum(wave.new for wave in waves))
    if end is not None:
        return end
    left = wanted - sum(wave.new for wave in waves)
    return Wave(number=waves[-1].wave + 1, desired=min(left, policy.max_per_task))


def _why_over(policy: WavePolicy, last: WaveFact, *, new: int) -> WavesEnd | None:
    rules = (
        (last.failed, "failed", "its last task failed"),
        (policy.target is None, "done", "its one task is done"),
        (new >= (policy.target or 0), "target_reached", f"it found {new} new companies"),
        (
            last.exhausted or last.returned == 0,
            "exhausted",
            f"the vendor finds no more; it found {new} new companies",
        ),
        (
            last.new < policy.min_new_share * last.returned,
            "diminishing",
            f"only {last.new} of the last {last.returned} results were new",
        ),
    )
    return next((WavesEnd(code=code, text=text) for holds, code, text in rules if holds), None)
