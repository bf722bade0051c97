"""How a law says that it is broken, or that it does not apply."""


class LawBroken(AssertionError):
    """The connector does not keep a law; the message says what was seen."""


class DoesNotApply(Exception):
    """The law asks something that this CRM does not have; the message is the reason."""


class Runaway(BaseException):
    """The connector sends without end. Not an ``Exception``, so that it cannot be swallowed."""


def require(condition: object, message: str) -> None:
    """Go on if the condition holds.

    Raises:
        LawBroken: it does not.
    """
    if not condition:
        raise LawBroken(message)


def applies(condition: object, reason: str) -> None:
    """Go on if the law applies.

    Raises:
        DoesNotApply: it does not, for this reason.
    """
    if not condition:
        raise DoesNotApply(reason)
