"""Every law of the suite: a function of a lab, whose docstring says what must hold."""

from collections.abc import Callable
from typing import TypeAlias

from connectors.sdk.conformance.laws import (
    changes,
    contract,
    doubts,
    extremes,
    hygiene,
    pushing,
    reading,
    vendors,
)
from connectors.sdk.conformance.stage import Lab

Law: TypeAlias = Callable[[Lab], None]

LAWS: tuple[Law, ...] = (
    *contract.LAWS,
    *reading.LAWS,
    *changes.LAWS,
    *pushing.LAWS,
    *extremes.LAWS,
    *doubts.LAWS,
    *vendors.LAWS,
    *hygiene.LAWS,
)
