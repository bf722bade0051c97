"""The options of the CRM in memory, and the CRMs themselves, by the name of their space."""

import threading
from dataclasses import fields

from pydantic import Field

from connectors.memory.crm import MemoryCrm
from connectors.memory.rows import MemoryTraits
from connectors.sdk.capabilities import Incremental, Uniqueness
from connectors.sdk.options import ConnectorOptions, Duration

_DEFAULT = MemoryTraits()
_spaces: dict[str, MemoryCrm] = {}
_lock = threading.Lock()


class MemoryOptions(ConnectorOptions):
    """``space`` names the CRM: all connectors of one process that name it share it.

    The rest says what a new CRM is like; see :class:`~connectors.memory.rows.MemoryTraits`.
    """

    space: str = "default"
    uniqueness: Uniqueness = _DEFAULT.uniqueness
    settling: Duration = _DEFAULT.settling
    batch_size: int = Field(default=_DEFAULT.batch_size, ge=1)
    batch_atomic: bool = _DEFAULT.batch_atomic
    create_only: bool = _DEFAULT.create_only
    incremental: Incremental = _DEFAULT.incremental
    sees_deletions: bool = _DEFAULT.sees_deletions
    sees_merges: bool = _DEFAULT.sees_merges
    page_size: int = Field(default=_DEFAULT.page_size, ge=1)
    longest_text: int | None = Field(default=_DEFAULT.longest_text, ge=10)

    def traits(self) -> MemoryTraits:
        """What a new CRM of this space is like."""
        return MemoryTraits(**{each.name: getattr(self, each.name) for each in fields(_DEFAULT)})


def memory_crm(space: str, traits: MemoryTraits | None = None) -> MemoryCrm:
    """The CRM of this name; made with these traits if there is none yet."""
    with _lock:
        return _spaces.setdefault(space, MemoryCrm(traits))


def forget_space(space: str) -> None:
    """Let go of the CRM of this name; the next who asks gets an empty one."""
    with _lock:
        _spaces.pop(space, None)
