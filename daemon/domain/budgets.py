"""The brake on spending: may a task be started, for how many results, and what is near a limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from daemon.domain.guards import Blocked

COST_UNKNOWN: Final = 2.0
"""Credits reserved for a result while no task has shown the real cost: public sources say 1 or 2,
and a brake believes the dearer one."""
USEFUL: Final = 10
"""A task for fewer results than this is not worth its start, unless no more were asked for."""
JUDGED_FROM: Final = 20
"""So many paid results make the cost of a new company more than chance."""


class HasLimits(Protocol):
    """Where limits are written: ``[budget]``, or a search."""

    @property
    def max_results_per_run(self) -> int | None:
        """Results of one run."""

    @property
    def max_results_per_day(self) -> int | None:
        """Results of one day."""

    @property
    def max_results_per_month(self) -> int | None:
        """Results of one month."""

    @property
    def max_credits_per_run(self) -> float | None:
        """Credits of one run."""

    @property
    def max_credits_per_day(self) -> float | None:
        """Credits of one day."""

    @property
    def max_credits_per_month(self) -> float | None:
        """Credits of one month."""

    @property
    def max_credits_per_new_company(self) -> float | None:
        """What a new company may cost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What a period has cost. ``reserved`` are results of tasks that have not ended: they may come.

    ``credits`` counts ended tasks; ``new`` are companies that no CRM had.
    """

    paid: int = 0
    reserved: int = 0
    credits: float = 0.0
    new: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The limits of one scope (``""``: all searches) and what its periods have cost.

    ``run`` is the slot's own spending, in every scope.
    """

    scope: str
    limits: HasLimits
    run: Spending
    day: Spending
    month: Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A limit that this task brings near; said once in its period."""

    scope: str
    limit: str
    period: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A task may be started, for so many results."""

    desired: int
    near: tuple[Near, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOver:
    """This run's own limit is reached: waiting would not help."""

    blocked: Blocked


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """One limit in results: those of credits are turned into results by the cost of one."""

    scope: str
    name: str
    period: str
    most: float
    used: float
    unit: str

    @property
    def left(self) -> float:
        return self.most - self.used


def start_of_day(now: datetime) -> datetime:
    """Midnight UTC, at which a day's budget begins."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def start_of_month(now: datetime) -> datetime:
    """The first of the month at midnight UTC, at which a month's budget begins."""
    return start_of_day(now).replace(day=1)


def check_budget(
    accounts: Sequence[Account],
    *,
    desired: int,
    cost: float | None,
    run: str,
    now: datetime,
    warn_share: float = 0.8,
) -> Allowed | Blocked | RunOver:
    """Whether a task for ``desired`` results may be started, or for how many fewer.

    ``cost`` is the credits that a result was found to cost, None: not known yet. ``run`` names the
    slot. Where the budget leaves at least a useful minimum, the task is made smaller; where it does
    not, the slot is held until the period turns, or its run is over.
    """
    price = COST_UNKNOWN if cost is None else cost
    dear = _too_dear(accounts, price)
    if dear is not None:
        return dear
    limits = [limit for account in accounts for limit in _limits(account, price, run=run, now=now)]
    allowed = desired
    for limit in limits:
        left = limit.left if limit.unit == "results" else limit.left / price if price else desired
        if left < desired and int(left + 1e-9) < min(desired, USEFUL):
            return _reached(limit, desired, price, now)
        allowed = min(allowed, int(left + 1e-9))
    return Allowed(desired=allowed, near=tuple(_near(limits, allowed, price, warn_share)))


def _limits(account: Account, price: float, *, run: str, now: datetime) -> Iterator[_Limit]:
    day, month = f"{start_of_day(now):%Y-%m-%d}", f"{now.astimezone(UTC):%Y-%m}"
    spans = (("run", account.run, run), ("day", account.day, day), ("month", account.month, month))
    for span, spent, period in spans:
        for unit, used in (
            ("results", float(spent.paid + spent.reserved)),
            ("credits", spent.credits + spent.reserved * price),
        ):
            name = f"max_{unit}_per_{span}"
            most: float | None = getattr(account.limits, name)
            if most is not None:
                yield _Limit(
                    scope=account.scope,
                    name=name,
                    period=period,
                    most=float(most),
                    used=used,
                    unit=unit,
                )


def _reached(limit: _Limit, desired: int, price: float, now: datetime) -> Blocked | RunOver:
    where = f"search {limit.scope}" if limit.scope else "all searches"
    until = _turn(limit.name, now)
    wanted = desired if limit.unit == "results" else desired * price
    text = (
        f"{limit.name} = {limit.most:g} ({where}): {limit.used:g} {limit.unit} are spent or "
        f"reserved, and the next task may need {wanted:g}"
    )
    if until is None:
        return RunOver(blocked=Blocked(code="budget_run", text=text))
    return Blocked(
        code="budget_reached",
        text=f"{text}; it goes on at {until:%Y-%m-%d %H:%M} UTC, or when the limit is raised",
    )


def _turn(name: str, now: datetime) -> datetime | None:
    """When the limit's period turns; None: with the run."""
    if name.endswith("_day"):
        return start_of_day(now) + timedelta(days=1)
    if name.endswith("_month"):
        return start_of_month(start_of_month(now) + timedelta(days=32))
    return None


def _near(
    limits: Sequence[_Limit], allowed: int, price: float, warn_share: float
) -> Iterator[Near]:
    for limit in limits:
        needs = allowed if limit.unit == "results" else allowed * price
        after = limit.used + needs
        if limit.most and after >= limit.most * warn_share:
            share = after / limit.most
            yield Near(
                scope=limit.scope,
                limit=limit.name,
                period=limit.period,
                text=f"{limit.name}: {after:g} of {limit.most:g} {limit.unit} ({share:.0%})",
            )


def _too_dear(accounts: Sequence[Account], price: float) -> Blocked | RunOver | None:
    """A run whose new companies cost too much ends; a search whose month did is held."""
    for account in accounts:
        most = account.limits.max_credits_per_new_company
        if most is None:
            continue
        for spent, over in ((account.run, True), (account.month, False)):
            cost = cost_of_new(spent, price)
            if spent.paid < JUDGED_FROM or cost is None or cost <= most:
                continue
            span = "this run" if over else "this month"
            text = (
                f"max_credits_per_new_company = {most:g}: {span}, a new company costs {cost:.2f} "
                f"credits ({spent.paid} results paid, {spent.new} new)"
            )
            blocked = Blocked(code="budget_too_dear", text=text)
            return RunOver(blocked=blocked) if over else blocked
    return None


def cost_of_new(spent: Spending, price: float) -> float | None:
    """Credits for each new company; None where nothing was paid; without a new one, all of it."""
    paid = spent.credits or spent.paid * price
    return paid / max(spent.new, 1) if spent.paid else None
