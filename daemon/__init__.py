"""The always-on daemon: saved searches in, new companies in the CRM, no duplicates."""

import sys
from types import ModuleType
from typing import cast

_NOTHING = cast("ModuleType", None)
"""In ``sys.modules`` this makes an import fail, which both libraries are prepared for."""


def _import_small() -> None:
    """Import httpx without its command line and structlog without its coloured tracebacks.

    Both would bring rich and pygments, some 5 MB, into a daemon that draws nothing; the commands
    that do draw import rich themselves.
    """
    absent = [name for name in ("rich", "httpx._main") if name not in sys.modules]
    for name in absent:
        sys.modules[name] = _NOTHING
    try:
        import httpx  # noqa: F401, PLC0415 - for what it leaves out
        import structlog  # noqa: F401, PLC0415 - same
    finally:
        for name in absent:
            del sys.modules[name]


_import_small()
