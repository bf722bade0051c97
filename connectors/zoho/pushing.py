"""Creating companies in Zoho, each once: plain inserts that the unique field of our key guards.

Never an upsert: it would write over what people changed, and without ``duplicate_check_fields`` it
takes the account of the same *name* for the record. An insert of a key that is there is answered
with ``DUPLICATE_DATA`` and the record's id, at once and without any index.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from connectors.sdk.batches import BatchRun, halves, outcomes_in_order
from connectors.sdk.faults import Fault
from connectors.sdk.http import Reply
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem
from connectors.zoho.accounts import as_record, is_company
from connectors.zoho.api import ZohoApi
from connectors.zoho.fields import NAME, Draft, Fields, name_length, needed, new_draft
from connectors.zoho.verdicts import Verdict, VerdictKind, is_whole_refusal, read_verdicts


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """Sends companies and reads Zoho's verdict on each.

    ``fields`` are the organisation's definitions; ``find`` gives the record that holds our key.
    """

    api: ZohoApi
    mapping: FieldMapping
    key_field: str
    fields: Fields
    find: Callable[[CompanyRef], CrmRecord | None]

    def push(self, items: Sequence[PushItem]) -> list[Outcome]:
        """One outcome for each item, in order.

        Raises:
            Fault: nothing was carried out for any item.
        """
        drafts = [self._draft(item) for item in items]
        first_of = {draft.key: draft for draft in reversed(drafts)}
        run = BatchRun()
        run.send(
            list(reversed(first_of.values())),
            insert=lambda batch: self.api.insert([draft.values for draft in batch]),
            read=lambda batch, reply: self._read(batch, reply, run),
        )
        return outcomes_in_order([draft.key for draft in drafts], run.outcomes)

    def _draft(self, item: PushItem) -> Draft:
        return new_draft(item, self.mapping, self.fields, self.key_field)

    def _read(self, batch: Sequence[Draft], reply: Reply, run: BatchRun) -> list[Sequence[Draft]]:
        """Note what was done; gives what is to be sent again."""
        if is_whole_refusal(reply):
            return self._after_whole_refusal(batch, reply, run)
        run.written = True
        verdicts = read_verdicts(reply, len(batch))
        if verdicts is None:
            text = "Zoho's reply does not say of each company what became of it"
            run.settle(batch, Outcome.unknown(text))
            return []
        again: list[Draft] = []
        for draft, verdict in zip(batch, verdicts, strict=True):
            step = self._decide(draft, verdict)
            if isinstance(step, Outcome):
                run.outcomes[draft.key] = step
            else:
                again.append(step)
        return [again] if again else []

    def _after_whole_refusal(
        self, batch: Sequence[Draft], reply: Reply, run: BatchRun
    ) -> list[Sequence[Draft]]:
        """One company of the batch is to blame, hopefully: the rest goes out without it."""
        if len(batch) > 1:
            return halves(batch)
        said = self.api.cut(reply.body.decode(errors="replace"))
        run.settle(batch, Outcome.rejected(f"Zoho refuses it: {said}"))
        return []

    def _decide(self, draft: Draft, verdict: Verdict) -> Outcome | Draft:
        match verdict.kind:
            case VerdictKind.CREATED if verdict.record_id is not None:
                return Outcome.created(verdict.record_id, warnings=draft.warnings)
            case VerdictKind.DUPLICATE:
                return self._after_duplicate(draft, verdict)
            case VerdictKind.MISSING:
                text = f'Zoho demands the field "{verdict.field}": map it in config.toml'
                return Outcome.rejected(text)
            case VerdictKind.REFUSED:
                return self._after_refusal(draft, verdict)
        return Outcome.unknown(f"Zoho answers: {self.api.cut(verdict.said)}")

    def _after_refusal(self, draft: Draft, verdict: Verdict) -> Outcome | Draft:
        said = self.api.cut(verdict.said)
        if verdict.field in draft.values and verdict.field not in needed(self.key_field):
            return draft.without(verdict.field, f"Zoho says {said}")
        about = f'"{verdict.field}": ' if verdict.field else ""
        return Outcome.rejected(f"Zoho refuses it: {about}{said}")

    def _after_duplicate(self, draft: Draft, verdict: Verdict) -> Outcome | Draft:
        """Our key is there; or a value that people keep unique, here or in another company."""
        company, name = draft.item.company, verdict.field
        try:
            if name in {self.key_field, ""}:
                return self._held(company, verdict)
            holder = self._read_holder(verdict)
        except Fault as fault:
            return Outcome.unknown(f"Zoho says it holds the company, and then: {fault.message}")
        if holder is not None and is_company(holder, company):
            return Outcome.existed(holder.record_id, reason=f"{name} is unique in Zoho")
        if name == NAME and not draft.renamed:
            return draft.named_apart(name_length(self.fields))
        if name == NAME or name not in draft.values:
            return Outcome.rejected(f'Zoho holds another account with the same "{name}"')
        return draft.without(name, "another account has the value, and it is unique in Zoho")

    def _held(self, company: CompanyRef, verdict: Verdict) -> Outcome:
        if verdict.record_id is not None:
            return Outcome.existed(verdict.record_id, reason="it has our key")
        found = self.find(company)
        record_id = None if found is None else found.record_id
        return Outcome.existed(record_id, reason="Zoho's unique field says so")

    def _read_holder(self, verdict: Verdict) -> CrmRecord | None:
        if verdict.record_id is None:
            return None
        rows = self.api.read_by_id([verdict.record_id])
        return as_record(rows[0], self.key_field) if rows else None
