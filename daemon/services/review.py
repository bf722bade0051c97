"""A person's word on what is held."""

from collections.abc import Sequence

from daemon.domain.push_states import PushEvent
from daemon.domain.transitions import ForbiddenTransition
from daemon.errors import ProspectdError, StaleTransition
from daemon.services.context import ServiceContext


def review_pushes(
    context: ServiceContext, push_ids: Sequence[int], event: PushEvent, *, actor: str
) -> list[int]:
    """Approve or decline pushes, all of them or none; gives their ids.

    Raises:
        ProspectdError: one of them does not exist, or is in a state that this does not apply to.
    """
    with context.store.transaction("push.reviewed", now=context.now(), actor=actor) as unit:
        for push_id in push_ids:
            push = unit.pushes.get(push_id)
            if push is None:
                raise ProspectdError(f"There is no push {push_id}. Nothing was changed.")
            approved = event is PushEvent.APPROVED
            values = (
                {"approved_by": actor, "hold_reason": "", "next_attempt_at": None, "attempts": 0}
                if approved
                else {"ended_at": unit.now}
            )
            try:
                unit.pushes.move(push, event, **values)
            except (ForbiddenTransition, StaleTransition) as error:
                raise ProspectdError(
                    f"Push {push_id} is {push.state.value}: it cannot be {event.value}. "
                    "Nothing was changed."
                ) from error
            unit.audit.write(
                f"push.{event.value}",
                subject=push.company_key,
                push=push_id,
                connector=push.connector,
                was_held_for=push.hold_reason or None,
            )
    return list(push_ids)
