"""Look where websites lead, as far as somebody waits to know."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.sdk.faults import WaitUntil
from daemon.domain.redirects import Landing, RedirectPolicy
from daemon.services.context import ServiceContext


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowResult:
    """How many looks ended how, by outcome, and how many were not made in time."""

    outcomes: Mapping[str, int] = field(default_factory=dict)
    missed: int = 0


class FollowRedirects:
    """Visits the websites that matching has asked for, one after the other.

    What a crash leaves half done is not looked at again: what waits for it goes on without when
    patience is over.
    """

    def __init__(
        self, context: ServiceContext, visit: Callable[[str], Landing], policy: RedirectPolicy
    ) -> None:
        self._context = context
        self._visit = visit
        self._policy = policy

    def run_once(self) -> FollowResult:
        """Look at everything that is asked for and still of use."""
        outcomes: dict[str, int] = {}
        missed = self._miss()
        while not self._context.stopping():
            domain = self._claim()
            if domain is None:
                break
            try:
                landing = self._visit(domain)
            except WaitUntil:
                self._give_back(domain)
                break
            self._save(domain, landing)
            outcomes[landing.outcome] = outcomes.get(landing.outcome, 0) + 1
        return FollowResult(outcomes=outcomes, missed=missed)

    def _miss(self) -> int:
        now = self._context.now()
        with self._context.store.transaction("redirects.missed", now=now) as unit:
            return unit.redirects.miss(asked_before=now - self._policy.patience)

    def _claim(self) -> str | None:
        now = self._context.now()
        with self._context.store.transaction("redirect.claimed", now=now) as unit:
            found = unit.redirects.claim(asked_after=now - self._policy.patience)
        return None if found is None else found.domain

    def _give_back(self, domain: str) -> None:
        with self._context.store.transaction(
            "redirect.given_back", now=self._context.now()
        ) as unit:
            unit.redirects.give_back(domain)

    def _save(self, domain: str, landing: Landing) -> None:
        with self._context.store.transaction("redirect.followed", now=self._context.now()) as unit:
            before = unit.redirects.of([domain]).get(domain)
            unit.redirects.save(domain, landing, now=unit.now)
            if landing.leads_to is None and (before is None or before.leads_to is None):
                return  # it changes no decision
            unit.audit.write(
                "redirect.followed",
                subject=domain,
                outcome=landing.outcome.value,
                leads_to=landing.leads_to,
                page=landing.page[:PAGE_SHOWN],
                before=None if before is None else before.leads_to,
            )


PAGE_SHOWN = 300
"""Letters of an address in the audit log."""
