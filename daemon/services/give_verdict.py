"""A person says that two companies are the same, or are not."""

from daemon.domain.hostnames import domain_keys
from daemon.domain.matching import Verdict
from daemon.errors import ProspectdError
from daemon.services.context import ServiceContext


def give_verdict(
    context: ServiceContext, verdict: Verdict, one: str, other: str, *, actor: str
) -> tuple[str, str]:
    """Remember the verdict; it beats every rule from the next decision on. Gives both keys.

    Raises:
        ProspectdError: one of them names no company, or both name the same.
    """
    first, second = _key(one), _key(other)
    if first == second:
        raise ProspectdError(f"{one} and {other} are both {first}. Nothing was changed.")
    with context.store.transaction("verdict.given", now=context.now(), actor=actor) as unit:
        unit.verdicts.save(first, second, verdict, actor=actor, now=unit.now)
        again = unit.results.match_again_companies((first, second))
        unit.audit.write(
            "verdict.given", subject=first, other=second, verdict=verdict.value, results=again
        )
    return first, second


def _key(text: str) -> str:
    if text.startswith(("host:", "profile:", "extruct:", "name:")):
        return text
    keys = domain_keys([text])
    if not keys:
        raise ProspectdError(
            f"{text!r} names no company: give its domain, its website, or its key as "
            "`prospectd companies` shows it. Nothing was changed."
        )
    return keys[0]
