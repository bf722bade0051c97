"""What a search's filters say of a record before anything else is known of it."""

from collections.abc import Callable, Sequence

from daemon.domain.countries import normalise_country
from daemon.domain.eligibility import normalise_size
from daemon.domain.searches import SearchDefinition


class FilterPrior:
    """How well a record fits the country and size filters of a search."""

    def __init__(self, definition: SearchDefinition) -> None:
        self._countries = frozenset(map(normalise_country, definition.countries))
        self._sizes = frozenset(map(normalise_size, definition.sizes))

    def of(self, country: str | None, size: str | None) -> float:
        """From -1 (every filter rules it out) over 0 (nothing is known or asked) to 1."""
        parts = [
            *_judged(country, self._countries, normalise_country),
            *_judged(size, self._sizes, normalise_size),
        ]
        return sum(parts) / len(parts) if parts else 0.0


def _judged(
    value: str | None, wanted: frozenset[str], normalise: Callable[[str | None], str]
) -> Sequence[float]:
    if not wanted:
        return ()
    known = normalise(value)
    if not known:
        return (0.0,)
    return (1.0 if known in wanted else -1.0,)
