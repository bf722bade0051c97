"""The limit on creations: however many are eligible, no more reach a CRM without a person."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class CreationLimit:
    """At most ``limit`` creations in a period (None: no limit), of which ``used`` have been made.

    ``code`` is the reason under which the rest is held: ``max_new_per_day`` …
    """

    code: str
    limit: int | None
    used: int

    @property
    def room(self) -> int | None:
        """How many more may be created; None without a limit."""
        return None if self.limit is None else max(0, self.limit - self.used)


def check_creation_limits(limits: tuple[CreationLimit, ...], *, wanted: int) -> str:
    """The code of the first limit that has no room for ``wanted`` more; empty when all have."""
    return next((one.code for one in limits if one.room is not None and one.room < wanted), "")
