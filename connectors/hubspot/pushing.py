"""Creating companies in HubSpot, each once.

First a strong read by our unique key: what is there is left alone, so that people's edits stay.
What is absent is sent by ``batch/upsert`` on that key. An upsert, not a create, since its answer to
a key that appeared in between is documented (``new: false``), and a batch of creates may be refused
as a whole for one of them; a conflict is understood as well.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import orjson

from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.payloads import Json, sort_batch
from connectors.hubspot.refusals import Refusal, read_refusal
from connectors.sdk.batches import BatchRun, halves, outcomes_in_order
from connectors.sdk.faults import Fault
from connectors.sdk.mapping import FieldMapping, as_text
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import PushItem
from connectors.sdk.replies import Reply, cut_message

_DOMAIN = "domain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """One company about to be sent; ``warnings`` name the properties that were left out."""

    item: PushItem
    properties: Mapping[str, str]
    warnings: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Our key of the company."""
        return self.item.company.key

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
        found = self._client.read_by_key(list(first_of))
        run = BatchRun()
        drafts = []
        for key, item in first_of.items():
            raw = found.get(key.casefold())
            if raw is None:
                drafts.append(self._draft(item))
            else:
                run.outcomes[key] = Outcome.existed(raw["id"], reason="it has our key")
        run.send(
            drafts, insert=self._upsert, read=lambda batch, reply: self._read(batch, reply, run)
        )
        return outcomes_in_order([item.company.key for item in items], run.outcomes)

    def _draft(self, item: PushItem) -> Draft:
        rendered = self._mapping.render(item)
        rendered.pop(self._client.key_property, None)
        texts = {name: as_text(value) for name, value in rendered.items()}
        return Draft(item=item, properties=texts)

    def _upsert(self, batch: Sequence[Draft]) -> Reply:
        return self._client.upsert([self._input(draft) for draft in batch])

    def _read(self, batch: Sequence[Draft], reply: Reply, run: BatchRun) -> list[Sequence[Draft]]:
        """Note what was done; gives what is to be sent again: halved, or without a property."""
        body = _as_object(reply.body)
        if reply.status < 300 and "results" in body:  # noqa: PLR2004 - any 2xx
            run.written = True
            return self._read_results(batch, body, run)
        if reply.status < 300:  # noqa: PLR2004 - any 2xx
            run.written = True
            text = "HubSpot answered with something that is not a batch's result"
            run.settle(batch, Outcome.unknown(text))
            return []
        return halves(batch) if len(batch) > 1 else self._decide(batch[0], body, run)

    def _input(self, draft: Draft) -> Json:
        key, name = draft.item.company.key, self._client.key_property
        return {
            "id": key,
            "idProperty": name,
            "objectWriteTraceId": draft.trace_id,
            # With the key, so that it comes back in the result and tells whose that is.
            "properties": {**draft.properties, name: key},
        }

    def _read_results(
        self, batch: Sequence[Draft], body: Json, run: BatchRun
    ) -> list[Sequence[Draft]]:
        """Note what was done; gives what is to be sent again."""
        keys = {draft.item.company.key: draft.trace_id for draft in batch}
        try:
            sorted_reply = sort_batch(body, keys=keys, key_property=self._client.key_property)
        except (KeyError, TypeError, AttributeError):
            run.settle(batch, Outcome.unknown("HubSpot's reply has an unexpected shape"))
            return []
        again: list[Sequence[Draft]] = []
        lost: list[Draft] = []
        for draft in batch:
            if (result := sorted_reply.results.get(draft.trace_id)) is not None:
                run.outcomes[draft.key] = _written(draft, result)
            elif (error := sorted_reply.errors.get(draft.trace_id)) is not None:
                again += self._decide(draft, error, run)
            else:
                lost.append(draft)
        return again + self._decide_lost(lost, sorted_reply.stray, run)

    def _decide_lost(
        self, lost: Sequence[Draft], stray: Sequence[Json], run: BatchRun
    ) -> list[Sequence[Draft]]:
        """What the reply names by no trace: with one error and one draft they belong together."""
        if len(lost) == 1 and len(stray) == 1:
            return self._decide(lost[0], stray[0], run)
        reason = "HubSpot's reply does not say what became of it"
        run.settle(lost, Outcome.unknown(reason))
        return []

    def _decide(self, draft: Draft, error: Json, run: BatchRun) -> list[Sequence[Draft]]:
        """The outcome of a refused record, or the record without what was refused of it."""
        refusal = read_refusal(error)
        outcome = self._verdict(draft, refusal)
        if outcome is not None:
            run.outcomes[draft.key] = outcome
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


def _as_object(body: bytes) -> Json:
    try:
        parsed = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return parsed if isinstance(parsed, dict) else {}
