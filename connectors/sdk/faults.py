"""What can go wrong with a vendor, grouped by what to do next.

A fault is about a whole request. What became of a single company in a batch is an
:class:`~connectors.sdk.outcomes.Outcome`.
"""

from datetime import datetime


class Fault(Exception):
    """A vendor did not do what it was asked.

    ``code`` is short and stable, for programs; ``message`` is for a person and holds no secret;
    ``status`` is the HTTP status where there was one.
    """

    def __init__(self, code: str, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class NotProcessed(Fault):
    """Certainly nothing happened: repeat, after a pause."""


class Ambiguous(Fault):
    """It may have happened or not: read back before anything is sent again."""


class WaitUntil(Fault):
    """Not processed, and pointless before ``until`` (aware UTC; None: the vendor did not say)."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        until: datetime | None = None,
        status: int | None = None,
    ) -> None:
        super().__init__(code, message, status=status)
        self.until = until


class RateLimited(WaitUntil):
    """Too many requests in a short time."""


class QuotaExhausted(WaitUntil):
    """The allowance of the day, the plan or the wallet is used up."""


class NeedsPerson(Fault):
    """Not processed; nothing changes until a person acts (pays, grants a scope, edits a plan)."""


class BadCredentials(NeedsPerson):
    """The vendor refuses the token, or what the token may do."""


class Permanent(Fault):
    """This request can never work as it is: give up on this one, go on with the others."""
