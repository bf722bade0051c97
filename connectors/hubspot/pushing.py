"""Creating companies in HubSpot, each once.

First a strong read by our unique key: what is there is left alone, so that people's edits stay.
What is absent is sent by ``batch/upsert`` on that key. An upsert, not a create, since its answer to
a key that appeared in between is documented (``new: false``), and a batch of creates may be refused
as a whole for one of them; a conflict is understood as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson

from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.payloads import Json, sort_batch
from connectors.hubspot.refusals import Refusal, read_refusal
from connectors.sdk.faults import Ambiguous, Fault, NeedsPerson, NotProcessed, WaitUntil
from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.outcomes import Outcome, OutcomeKind
from connectors.sdk.records import PushItem
from connectors.sdk.replies import cut_message

_DOMAIN = "domain"
_UNTOUCHED = (NotProcessed, WaitUntil, NeedsPerson)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One company about to be sent; ``warnings`` name the properties that were left out."""

    item: PushItem
    properties: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    @property
    def trace_id(self) -> str:
        """The item's own, which HubSpot echoes."""
        return self.item.trace_id

    def without(self, refused: Iterable[tuple[str, str]]) -> "Draft":
        """The same without the properties that HubSpot refused, with a warning for each."""
        dropped = {name: code for name, code in refused if name in self.properties}
        warnings = tuple(f"{name} left out: HubSpot says {code}" for name, code in dropped.items())
        kept = {name: value for name, value in self.properties.items() if name not in dropped}
        return replace(self, properties=kept, warnings=self.warnings + warnings)


@dataclass(slots=True)
class _Run:
    """What became of one call of ``push`` so far."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    written: bool = False
    """Something was carried out, or may have been; a fault may no longer stand for all."""


class Pusher:
    """Sends companies and reads HubSpot's verdict on each."""

    def __init__(
        self, client: HubSpotClient, mapping: FieldMapping, secrets: Sequence[str]
    ) -> None:
        self._client = client
        self._mapping = mapping
        self._secrets = secrets

    def push(self, items: Sequence[PushItem]) -> list[Outcome]:
        """One outcome for each item, in order.

        Raises:
            Fault: nothing was carried out for any item.
        """
        first_of = {item.company.key: item for item in reversed(items)}
        firsts = {item.trace_id: item for item in first_of.values()}
        found = self._client.read_by_key(list(first_of))
        run = _Run()
        drafts = []
        for item in firsts.values():
            raw = found.get(item.company.key.casefold())
            if raw is None:
                drafts.append(self._draft(item))
            else:
                run.outcomes[item.trace_id] = Outcome.existed(raw["id"], reason="it has our key")
        self._send(drafts, run)
        return [self._outcome_of(item, first_of[item.company.key], run) for item in items]

    def _outcome_of(self, item: PushItem, first: PushItem, run: _Run) -> Outcome:
        outcome = run.outcomes[first.trace_id]
        if item is not first and outcome.kind is OutcomeKind.CREATED:
            return Outcome.existed(outcome.record_id, reason="it was in this batch already")
        return outcome

    def _draft(self, item: PushItem) -> Draft:
        rendered = self._mapping.render(item)
        rendered.pop(self._client.key_property, None)
        texts = {name: as_text(value) for name, value in rendered.items()}
        return Draft(item=item, properties=texts)

    def _send(self, drafts: Sequence[Draft], run: _Run) -> None:
        """Send until every draft has an outcome; each round drops a property or halves a batch."""
        waiting = [list(drafts)] if drafts else []
        while waiting:
            batch = waiting.pop()
            try:
                reply = self._client.upsert([self._input(draft) for draft in batch])
            except Ambiguous as fault:
                run.written = True
                _settle(run, batch, Outcome.unknown(fault.message))
                continue
            except _UNTOUCHED as fault:
                _hold([batch, *waiting], run, fault)
                return
            body = _as_object(reply.body)
            if reply.status < 300 and "results" in body:  # noqa: PLR2004 - any 2xx
                run.written = True
                waiting += self._read_results(batch, body, run)
            elif reply.status < 300:  # noqa: PLR2004 - any 2xx
                run.written = True
                text = "HubSpot answered with something that is not a batch's result"
                _settle(run, batch, Outcome.unknown(text))
            elif len(batch) > 1:
                middle = len(batch) // 2
                waiting += [batch[:middle], batch[middle:]]
            else:
                waiting += self._decide(batch[0], body, run)

    def _input(self, draft: Draft) -> Json:
        key, name = draft.item.company.key, self._client.key_property
        return {
            "id": key,
            "idProperty": name,
            "objectWriteTraceId": draft.trace_id,
            # With the key, so that it comes back in the result and tells whose that is.
            "properties": {**draft.properties, name: key},
        }

    def _read_results(self, batch: Sequence[Draft], body: Json, run: _Run) -> list[list[Draft]]:
        """Note what was done; gives what is to be sent again."""
        keys = {draft.item.company.key: draft.trace_id for draft in batch}
        try:
            sorted_reply = sort_batch(body, keys=keys, key_property=self._client.key_property)
        except (KeyError, TypeError, AttributeError):
            _settle(run, batch, Outcome.unknown("HubSpot's reply has an unexpected shape"))
            return []
        again: list[list[Draft]] = []
        lost: list[Draft] = []
        for draft in batch:
            if (result := sorted_reply.results.get(draft.trace_id)) is not None:
                run.outcomes[draft.trace_id] = _written(draft, result)
            elif (error := sorted_reply.errors.get(draft.trace_id)) is not None:
                again += self._decide(draft, error, run)
            else:
                lost.append(draft)
        return again + self._decide_lost(lost, sorted_reply.stray, run)

    def _decide_lost(
        self, lost: Sequence[Draft], stray: Sequence[Json], run: _Run
    ) -> list[list[Draft]]:
        """What the reply names by no trace: with one error and one draft they belong together."""
        if len(lost) == 1 and len(stray) == 1:
            return self._decide(lost[0], stray[0], run)
        reason = "HubSpot's reply does not say what became of it"
        _settle(run, lost, Outcome.unknown(reason))
        return []

    def _decide(self, draft: Draft, error: Json, run: _Run) -> list[list[Draft]]:
        """The outcome of a refused record, or the record without what was refused of it."""
        refusal = read_refusal(error)
        outcome = self._verdict(draft, refusal)
        if outcome is not None:
            run.outcomes[draft.trace_id] = outcome
            return []
        refused = refusal.properties or ((refusal.taken or "", "the value is taken"),)
        return [[draft.without(refused)]]

    def _verdict(self, draft: Draft, refusal: Refusal) -> Outcome | None:
        """None: to be sent again without the refused properties."""
        said = cut_message(refusal.message, self._secrets)
        key_property = self._client.key_property
        if refusal.conflict and refusal.taken in {None, key_property, _DOMAIN}:
            return self._held_already(draft, refusal)
        if refusal.taken in draft.properties:
            return None
        if any(name == key_property for name, _ in refusal.properties):
            text = f'HubSpot refuses our key in "{key_property}" ({said}); see check --online'
            return Outcome.rejected(text)
        if any(name in draft.properties for name, _ in refusal.properties):
            return None
        return Outcome.rejected(f"HubSpot refuses it: {said}")

    def _held_already(self, draft: Draft, refusal: Refusal) -> Outcome:
        """A conflict: the record that holds our key, else the one that HubSpot names."""
        key = draft.item.company.key
        try:
            raw = self._client.read_by_key([key]).get(key.casefold())
        except Fault as fault:
            return Outcome.unknown(f"HubSpot reports a conflict, and then: {fault.message}")
        record_id = refusal.holder_id if raw is None else raw["id"]
        what = "our key" if raw is not None else refusal.taken or "a unique value"
        return Outcome.existed(record_id, reason=f"another write was first: it has {what}")


def _written(draft: Draft, result: Json) -> Outcome:
    if result.get("new") is False:
        return Outcome.existed(result["id"], reason="another write with our key was first")
    return Outcome.created(result["id"], warnings=draft.warnings)


def _settle(run: _Run, drafts: Iterable[Draft], outcome: Outcome) -> None:
    run.outcomes |= {draft.trace_id: outcome for draft in drafts}


def _hold(batches: Iterable[Sequence[Draft]], run: _Run, fault: Fault) -> None:
    """Nothing happened to these; the fault is raised where it can stand for the whole push."""
    if not run.written:
        raise fault
    retry_at = fault.until if isinstance(fault, WaitUntil) else None
    for batch in batches:
        _settle(run, batch, Outcome.not_sent(fault.message, retry_at=retry_at))


def _as_object(body: bytes) -> Json:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
