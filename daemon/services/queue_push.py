"""Write the push that follows from the decision of one result."""

from dataclasses import dataclass

from daemon.db.rows import PushRow, ResultToMatch
from daemon.db.store import Transaction
from daemon.domain.companies import FoundCompany, Identity, KnownCompany
from daemon.domain.decisions import Decision, PushAction
from daemon.domain.identities import identify
from daemon.domain.push_states import PushEvent, PushState
from daemon.domain.searches import SearchDefinition
from daemon.domain.segments import in_segment
from daemon.extruct.reading import parse_row
from daemon.services.known_companies import SUPERSEDED, Sought
from daemon.services.landings import Landings
from daemon.services.push_fields import push_fields, push_properties, trace_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A result with what it says, and the search that it is an answer to."""

    row: ResultToMatch
    found: FoundCompany
    identity: Identity
    definition: SearchDefinition

    def sought(self, landings: Landings) -> Sought:
        """The company as its doubles are looked for."""
        return Sought(
            company_id=self.row.company_id,
            found=self.found,
            identity=self.identity,
            leads_to=landings.of(self.identity),
            aliases=landings.aliases(self.identity),
        )


def case_of(row: ResultToMatch, definition: SearchDefinition) -> Case | None:
    """A stored result as a case; None where its row says too little."""
    parsed = parse_row(row.raw)
    if isinstance(parsed, str):
        return None
    company = parsed.company
    return Case(row=row, found=company, identity=identify(company), definition=definition)


def queue_push(
    unit: Transaction,
    case: Case,
    connector: str,
    decision: Decision,
    *,
    again: PushRow | None,
    app_url: str,
) -> PushRow | None:
    """Write the push that follows from a decision; None: the company has one already.

    ``again`` is the ended push that begins anew instead.
    """
    held = decision.push.action is PushAction.HOLD
    fields = push_fields(
        case.found,
        case.identity,
        in_segment(case.definition, case.row.segment),
        task_id=case.row.extruct_id,
        app_url=app_url,
        found_at=case.row.first_seen_at,
    )
    values = {
        "result_id": case.row.id,
        "search_id": case.row.search_id,
        "state": PushState.HELD if held else PushState.PENDING,
        "fields": fields,
        "properties": push_properties(case.definition, fields),
        "hold_reason": decision.push.reason if held else "",
    }
    if again is not None:
        push_id = unit.pushes.begin_again(again, **values)
    else:
        push_id = unit.pushes.add(
            connector=connector,
            company_id=case.row.company_id,
            trace_id=trace_id(connector, case.identity.key),
            created_at=unit.now,
            **values,
        )
    if push_id is None:
        return None
    unit.audit.write(
        "push.held" if held else "push.queued",
        subject=case.identity.key,
        push=push_id,
        connector=connector,
        search=case.definition.name,
        reason=decision.push.reason or decision.rule,
        again=None if again is None else True,
    )
    return unit.pushes.get(push_id)


def supersede(unit: Transaction, case: Case, push: PushRow) -> bool:
    """A company that was held for want of a domain has got one: the new identity counts."""
    if push.company_key == case.identity.key or push.state is not PushState.HELD:
        return False
    unit.pushes.move(push, PushEvent.DECLINED, reason=SUPERSEDED, ended_at=unit.now)
    unit.audit.write(
        "push.superseded",
        subject=push.company_key,
        push=push.id,
        connector=push.connector,
        by=case.identity.key,
    )
    return True


def queued_company(push: PushRow) -> KnownCompany:
    """A company on its way, as one that is known."""
    return KnownCompany(
        identity=push.company_key,
        domains=(push.company_key,),
        name=push.company_name,
        extra={"push": str(push.id)},
    )
