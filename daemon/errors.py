"""The program's own errors; those of vendors are in :mod:`connectors.sdk.faults`."""


class ProspectdError(Exception):
    """Something failed. The text is for an operator: what happened, what it means, what to do."""


class StoreUnavailable(ProspectdError):
    """The database is locked, away or full: wait and go on; nothing is lost."""


class StaleTransition(ProspectdError):
    """Somebody else moved the row on first: leave it to them."""


class AnotherDaemon(ProspectdError):
    """A second daemon on one SQLite file: stop."""
