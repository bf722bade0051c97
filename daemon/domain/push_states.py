"""What a push goes through; each state's comment says who moves it on."""

from enum import StrEnum

from daemon.domain.transitions import Machine


class PushState(StrEnum):
    """Where one company on its way to one CRM stands."""

    PENDING = "pending"  # decided; push_companies claims it
    SENDING = "sending"  # being sent under a lease; after a crash rescue_expired doubts it
    UNKNOWN = "unknown"  # may be in the CRM; resolve_unknown reads back
    HELD = "held"  # a person approves or declines it, with a named reason
    CREATED = "created"
    EXISTED = "existed"
    REJECTED = "rejected"  # the CRM refuses it for good; a person may send it again
    DECLINED = "declined"


class PushEvent(StrEnum):
    """What can happen to a push."""

    CLAIMED = "claimed"
    CREATED = "created"
    EXISTED = "existed"
    REJECTED = "rejected"
    NOT_SENT = "not_sent"
    REPLY_LOST = "reply_lost"
    ADOPTED = "adopted"
    PROVED_ABSENT = "proved_absent"
    HELD = "held"
    GAVE_UP = "gave_up"
    APPROVED = "approved"
    DECLINED = "declined"
    RECREATED = "recreated"


PUSHES = Machine(
    name="push",
    initial=frozenset({PushState.PENDING, PushState.HELD}),
    table={
        (PushState.PENDING, PushEvent.CLAIMED): PushState.SENDING,
        (PushState.PENDING, PushEvent.EXISTED): PushState.EXISTED,
        (PushState.PENDING, PushEvent.HELD): PushState.HELD,
        (PushState.SENDING, PushEvent.CREATED): PushState.CREATED,
        (PushState.SENDING, PushEvent.EXISTED): PushState.EXISTED,
        (PushState.SENDING, PushEvent.REJECTED): PushState.REJECTED,
        (PushState.SENDING, PushEvent.NOT_SENT): PushState.PENDING,
        (PushState.SENDING, PushEvent.REPLY_LOST): PushState.UNKNOWN,
        (PushState.SENDING, PushEvent.GAVE_UP): PushState.HELD,
        (PushState.UNKNOWN, PushEvent.ADOPTED): PushState.CREATED,
        (PushState.UNKNOWN, PushEvent.EXISTED): PushState.EXISTED,
        (PushState.UNKNOWN, PushEvent.PROVED_ABSENT): PushState.PENDING,
        (PushState.HELD, PushEvent.APPROVED): PushState.PENDING,
        (PushState.HELD, PushEvent.EXISTED): PushState.EXISTED,
        (PushState.HELD, PushEvent.DECLINED): PushState.DECLINED,
        (PushState.REJECTED, PushEvent.APPROVED): PushState.PENDING,
        (PushState.DECLINED, PushEvent.APPROVED): PushState.PENDING,
        # Only with recreate_deleted: a person deleted the record, and a search found it again.
        (PushState.CREATED, PushEvent.RECREATED): PushState.PENDING,
        (PushState.EXISTED, PushEvent.RECREATED): PushState.PENDING,
    },
)
