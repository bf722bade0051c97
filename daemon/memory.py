"""Keep an idle daemon small: glibc's allocator is made for many busy threads, and we have few."""

import ctypes
import gc
import sys

_M_ARENA_MAX = -8  # malloc.h of glibc
_ARENAS = 1


def limit_arenas() -> None:
    """Let all threads share one heap; each would otherwise keep megabytes of its own.

    Does nothing where the C library is not glibc.
    """
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Collect what the start has left behind, and return free memory to the system."""
    gc.collect()
    gc.freeze()  # what lives now lives on: later collections need not look at it
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "malloc_trim") and hasattr(libc, "mallopt") else None
