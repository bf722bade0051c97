"""Pausing a vendor that fails and releasing it when it works: said once each."""

from datetime import datetime

from connectors.sdk.faults import (
    BadCredentials,
    Fault,
    NeedsPerson,
    QuotaExhausted,
    RateLimited,
    WaitUntil,
)
from daemon.db.store import Transaction
from daemon.domain.pauses import Remedy, decide_pause
from daemon.services.context import ServiceContext

EXTRUCT = "extruct"
"""The name under which the search vendor stands in the store; no connector may have it."""
EXTRUCT_STARTS = "extruct:starts"
"""The same for creating tasks alone: an unpaid bill stops new ones, not the reading of others."""


def remedy_of(fault: Fault) -> Remedy:
    """What helps against this fault."""
    if isinstance(fault, NeedsPerson):
        return Remedy.PERSON
    if isinstance(fault, QuotaExhausted):
        return Remedy.QUOTA
    return Remedy.WAIT if isinstance(fault, RateLimited) else Remedy.REPEAT


def is_paused(unit: Transaction, vendor: str, *, now: datetime) -> bool:
    """Whether the vendor is to be left alone."""
    until = unit.vendors.get(vendor).paused_until
    return until is not None and until > now


def pause_vendor(unit: Transaction, context: ServiceContext, vendor: str, fault: Fault) -> datetime:
    """Leave the vendor alone for a while; gives until when. Says so when the reason is new."""
    known = unit.vendors.get(vendor)
    pause = decide_pause(
        remedy_of(fault),
        failures=known.failures,
        until=fault.until if isinstance(fault, WaitUntil) else None,
        now=context.now(),
        spread=context.random.random(),
        policy=context.pauses,
    )
    unit.vendors.pause(
        vendor,
        until=pause.until,
        code=fault.code,
        reason=fault.message,
        failures=pause.failures,
    )
    if known.code != fault.code:
        unit.audit.write(
            "vendor.paused",
            subject=vendor,
            code=fault.code,
            reason=fault.message,
            until=pause.until,
            remedy=remedy_of(fault).value,
            bad_credentials=isinstance(fault, BadCredentials) or None,
        )
    return pause.until


def release_vendor(unit: Transaction, vendor: str) -> None:
    """The vendor has just worked; says so when it had not before."""
    known = unit.vendors.get(vendor)
    if known.code:
        unit.vendors.release(vendor)
        unit.audit.write("vendor.recovered", subject=vendor, after_failures=known.failures)
