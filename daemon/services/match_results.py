"""Decide what each result is, and write the push that follows from it, in one transaction."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from daemon.config.definitions import definition_from_json
from daemon.db.rows import HeldRecord, PushRow
from daemon.db.store import Transaction
from daemon.domain.companies import KnownCompany
from daemon.domain.decisions import Decision, DecisionPolicy, PushAction, decide
from daemon.domain.eligibility import decide_eligibility
from daemon.domain.identities import identity_keys
from daemon.domain.matching import MatchPolicy, match_company
from daemon.domain.redirects import RedirectPolicy
from daemon.domain.searches import SearchDefinition
from daemon.domain.task_states import TASKS
from daemon.services.context import ServiceContext
from daemon.services.guards import Targets
from daemon.services.index_mirror import is_indexed
from daemon.services.known_companies import (
    KnownCompanies,
    Sought,
    held_company,
    index_found,
)
from daemon.services.landings import Landings
from daemon.services.queue_push import Case, case_of, queue_push, queued_company, supersede
from daemon.services.recreate import is_to_recreate

BATCH = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchResult:
    """How many results were decided, by the kind of their decisions."""

    kinds: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class _Batch:
    """What a batch needs to know, read at once: no query a row."""

    records: dict[str, dict[str, list[HeldRecord]]]
    pushes: dict[str, dict[int, PushRow]]
    own_pushes: dict[str, dict[int, PushRow]]
    before: dict[tuple[int, str], tuple[str, str]]
    known: KnownCompanies
    sought: Mapping[int, Sought]
    waiting: set[int] = field(default_factory=set)
    decisions: list[dict[str, object]] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)


class MatchResults:
    """Decides results of every search."""

    def __init__(
        self,
        context: ServiceContext,
        targets: Callable[[], Targets],
        *,
        app_url: str,
        redirects: RedirectPolicy | None = None,
    ) -> None:
        self._context = context
        self._targets = targets
        self._app_url = app_url
        self._redirects = redirects

    def run_once(self) -> MatchResult:
        """Decide everything that waits for a decision, once all that is known is indexed."""
        kinds: dict[str, int] = {}
        while not self._context.stopping():
            with self._context.store.transaction("match", now=self._context.now()) as unit:
                batch = self._match(unit) if is_indexed(unit) else None
            if batch is None:
                break
            for kind, number in batch.kinds.items():
                kinds[kind] = kinds.get(kind, 0) + number
        return MatchResult(kinds=kinds)

    def _match(self, unit: Transaction) -> _Batch | None:
        patience = None if self._redirects is None else self._redirects.patience
        asked_after = None if patience is None else unit.now - patience
        rows = unit.results.to_match(limit=BATCH, asked_after=asked_after)
        if not rows:
            return None
        definitions: dict[tuple[int, int], SearchDefinition] = {}
        for row in rows:
            version = (row.search_id, row.search_version)
            if version not in definitions:
                definitions[version] = definition_from_json(unit.searches.definition(*version))
        cases = [
            case
            for row in rows
            if (case := case_of(row, definitions[row.search_id, row.search_version])) is not None
        ]
        batch = self._read(unit, cases)
        for case in cases:
            for connector in _connectors(case):
                self._decide(unit, case, connector, batch)
        index_found(unit, list(batch.sought.values()))
        unit.redirects.ask(batch.known.landings.asked, now=unit.now)
        unit.results.save_decisions(batch.decisions)
        unit.results.matched([row.id for row in rows if row.id not in batch.waiting])
        return batch

    def _read(self, unit: Transaction, cases: Sequence[Case]) -> _Batch:
        landings = Landings.read(unit, [case.identity for case in cases], self._redirects)
        sought = {case.row.id: case.sought(landings) for case in cases}
        keys = {key for case in cases for key in identity_keys(case.found)}
        keys |= {alias for one in sought.values() for alias in one.aliases}
        connectors = sorted({name for case in cases for name in _connectors(case)})
        company_ids = sorted({case.row.company_id for case in cases})
        result_ids = [case.row.id for case in cases]
        return _Batch(
            records={name: unit.mirror.holders([name], keys) for name in connectors},
            pushes={name: unit.pushes.of_companies(name, company_ids) for name in connectors},
            own_pushes={name: unit.pushes.of_results(name, result_ids) for name in connectors},
            before=unit.results.decision_kinds(result_ids),
            known=KnownCompanies.read(unit, list(sought.values()), connectors, landings),
            sought=sought,
        )

    def _decide(self, unit: Transaction, case: Case, connector: str, batch: _Batch) -> None:
        own = batch.own_pushes[connector].get(case.row.id)
        if own is not None:
            if not supersede(unit, case, own):
                return  # decided before, and on its way: what follows is the push's own story
            batch.known.forget(own)
        push = batch.pushes[connector].get(case.row.company_id)
        known = batch.records[connector]
        records = [one for key in identity_keys(case.found) for one in known.get(key, ())]
        gone = push if is_to_recreate(push, self._targets().get(connector), records) else None
        decision = self._decision(case, connector, batch, push if gone is None else None)
        if decision.push.action is not PushAction.NONE and self._is_to_wait(unit, case, batch):
            return
        if decision.push.action is not PushAction.NONE and connector:
            added = queue_push(unit, case, connector, decision, again=gone, app_url=self._app_url)
            if added is not None:
                batch.pushes[connector][case.row.company_id] = added
                batch.known.add(batch.sought[case.row.id], added)
        self._note(unit, case, connector, decision, batch)

    def _is_to_wait(self, unit: Transaction, case: Case, batch: _Batch) -> bool:
        """Whether it is decided later, when its website was asked where it leads."""
        key = case.identity.key
        # A row from before the rules for websites changed has another key, and would wait for ever.
        if key != case.identity.domain or key != case.row.company_key:
            return False
        if not batch.known.landings.hold_back(key, now=unit.now):
            return False
        batch.waiting.add(case.row.id)
        return True

    def _decision(
        self, case: Case, connector: str, batch: _Batch, push: PushRow | None
    ) -> Decision:
        definition = case.definition
        eligibility = decide_eligibility(
            case.found,
            criteria=definition.criteria,
            min_relevance=definition.min_relevance,
            countries=definition.countries,
            sizes=definition.sizes,
            task_complete=case.row.task_state in TASKS.terminal,
        )
        held = self._held_companies(case, connector, batch)
        sought = batch.sought[case.row.id]
        queued = batch.known.queued(sought, connector)
        if push is not None:
            queued.append(queued_company(push))
        policy, verdicts = MatchPolicy(), batch.known.verdicts
        return decide(
            case.found,
            case.identity,
            eligibility,
            match_company(case.found, case.identity, held, verdicts, policy, sought.leads_to),
            match_company(case.found, case.identity, queued, verdicts, policy, sought.leads_to),
            DecisionPolicy.of_search(definition),
            sought.leads_to,
        )

    def _held_companies(self, case: Case, connector: str, batch: _Batch) -> list[KnownCompany]:
        """What the CRM holds under one of the company's keys, or held until a person deleted it."""
        target = self._targets().get(connector)
        forgets = target is not None and target.options.recreate_deleted
        records = {
            record.record_id: record
            for key in (*identity_keys(case.found), *batch.sought[case.row.id].aliases)
            for record in batch.records[connector].get(key, ())
            if record.deleted_at is None or record.merged_into or not forgets
        }
        records |= {
            record.record_id: record
            for record in batch.known.records(batch.sought[case.row.id], connector)
        }
        landings = batch.known.landings
        return [held_company(record, landings) for record in records.values()]

    def _note(
        self,
        unit: Transaction,
        case: Case,
        connector: str,
        decision: Decision,
        batch: _Batch,
    ) -> None:
        kind = decision.kind.value
        batch.kinds[kind] = batch.kinds.get(kind, 0) + 1
        if batch.before.get((case.row.id, connector)) == (kind, decision.rule):
            return
        batch.decisions.append(
            {
                "result_id": case.row.id,
                "connector": connector,
                "kind": kind,
                "rule": decision.rule,
                "evidence": dict(decision.evidence),
                "decided_at": unit.now,
            }
        )
        unit.audit.write(
            "company.matched",
            subject=case.identity.key,
            connector=connector or None,
            search=case.definition.name,
            task=case.row.task_id,
            result=case.row.result_id,
            decision=kind,
            rule=decision.rule,
            evidence=dict(decision.evidence),
        )


def _connectors(case: Case) -> tuple[str, ...]:
    """Where the company may go; a search without a target is decided all the same, for itself."""
    return case.definition.push_to or ("",)
