"""Every law of the suite: a function of a lab, whose docstring says what must hold."""

from collections.abc import Callable
from typing import TypeAlias

from connectors.sdk.conformance.laws import reading
from connectors.sdk.conformance.stage import Lab

Law: TypeAlias = Callable[[Lab], None]

LAWS: tuple[Law, ...] = (*reading.LAWS,)
