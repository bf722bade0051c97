"""The reference connector keeps every law, over each kind of CRM that it can be."""

from datetime import timedelta
from typing import ClassVar

from connectors.memory.harness import MemoryHarness
from connectors.memory.rows import MemoryTraits
from connectors.sdk.capabilities import Incremental, Uniqueness
from connectors.sdk.conformance.suite import ConformanceSuite


class Lagging(MemoryHarness):
    """Reads lag; batches of two."""

    traits: ClassVar[MemoryTraits] = MemoryTraits(
        page_size=10, settling=timedelta(seconds=40), batch_size=2
    )


class OneByOne(MemoryHarness):
    """No key, no batch, no deletions told."""

    traits: ClassVar[MemoryTraits] = MemoryTraits(
        page_size=10,
        uniqueness=Uniqueness.NONE,
        batch_size=1,
        settling=timedelta(seconds=10),
        incremental=Incremental.CREATED_SINCE,
        sees_deletions=False,
        sees_merges=False,
    )


class Strict(MemoryHarness):
    """Stops people too; short texts; no feed."""

    traits: ClassVar[MemoryTraits] = MemoryTraits(
        page_size=10,
        uniqueness=Uniqueness.ALL_WRITERS,
        batch_atomic=True,
        longest_text=255,
        incremental=Incremental.NONE,
        sees_deletions=False,
        sees_merges=False,
    )


class Overwriting(MemoryHarness):
    """Overwrites what it finds."""

    traits: ClassVar[MemoryTraits] = MemoryTraits(
        page_size=10, create_only=False, batch_atomic=True, sees_merges=False
    )


class TestMemory(ConformanceSuite):
    """A CRM that shows everything at once, with a key of ours."""

    harness = MemoryHarness


class TestLagging(ConformanceSuite):
    """A CRM whose reads lag behind its writes."""

    harness = Lagging


class TestOneByOne(ConformanceSuite):
    """A CRM without any unique key, one company at a time."""

    harness = OneByOne


class TestStrict(ConformanceSuite):
    """A CRM whose constraint stops people too, with short texts and atomic batches."""

    harness = Strict


class TestOverwriting(ConformanceSuite):
    """A CRM in which a push of a known company overwrites it."""

    harness = Overwriting
