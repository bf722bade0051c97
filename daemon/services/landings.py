"""Where the websites of a batch of results lead, and which of them are to be asked first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from daemon.db.store import Transaction
from daemon.domain.companies import Identity
from daemon.domain.redirects import Redirect, RedirectPolicy, is_crowded, is_to_ask, is_to_wait


@dataclass(slots=True)
class Landings:
    """What is known of redirects to and from the companies of a batch.

    Without a policy nothing new is asked; what was found earlier still counts.
    """

    policy: RedirectPolicy | None = None
    asked: set[str] = field(default_factory=set)
    _known: Mapping[str, Redirect] = field(default_factory=dict)
    _leading: Mapping[str, str] = field(default_factory=dict)
    """By domain, where it leads: to a company of the batch, or where one of them leads."""

    @classmethod
    def read(
        cls, unit: Transaction, identities: Iterable[Identity], policy: RedirectPolicy | None
    ) -> "Landings":
        """Everything that redirects tell of these companies."""
        domains = {identity.domain for identity in identities if identity.domain is not None}
        known = unit.redirects.of(domains)
        landings = {row.leads_to for row in known.values() if row.leads_to is not None}
        leading = unit.redirects.leading_to(domains | landings)
        return cls(policy=policy, _known=known, _leading=_without_portals(leading))

    def of(self, identity: Identity) -> str | None:
        """The other domain that a company's website leads to, if any."""
        return self._leading.get(identity.domain or "")

    def of_known(self, domains: Iterable[str]) -> tuple[str, ...]:
        """The domains of the batch that one of these domains leads to."""
        led = (self._leading.get(domain) for domain in domains)
        return tuple(sorted({each for each in led if each is not None}))

    def aliases(self, identity: Identity) -> tuple[str, ...]:
        """Other domains under which a company may be known."""
        landing = self.of(identity)
        ours = {identity.domain, landing} - {None}
        leading = (domain for domain, leads_to in self._leading.items() if leads_to in ours)
        found = {*leading, *(() if landing is None else (landing,))}
        return tuple(sorted(found - {identity.domain}))

    def hold_back(self, domain: str, *, now: datetime) -> bool:
        """Whether a push waits until the website was asked; it is asked where it was not yet."""
        known = self._known.get(domain)
        if self.policy is None or not is_to_wait(known, self.policy, now=now):
            return False
        if is_to_ask(known, self.policy, now=now):
            self.asked.add(domain)
        return True


def _without_portals(leading: Mapping[str, str]) -> dict[str, str]:
    by_landing: dict[str, list[str]] = {}
    for domain, landing in leading.items():
        by_landing.setdefault(landing, []).append(domain)
    portals = {landing for landing, domains in by_landing.items() if is_crowded(domains)}
    return {domain: landing for domain, landing in leading.items() if landing not in portals}
