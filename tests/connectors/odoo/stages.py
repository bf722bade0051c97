"""What the tests of the Odoo connector share: kinds of Odoo, stages, a look inside."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from connectors.odoo import connector as plugin
from connectors.odoo.harness import OdooHarness
from connectors.odoo.simulated.schema import PARTNER
from connectors.sdk.conformance.harness import Harness
from connectors.sdk.conformance.stage import Opened, Stage
from connectors.sdk.protocol import ConnectorContext

OVERLAP = timedelta(minutes=10)


class BareHarness(OdooHarness):
    """An ordinary user, and nobody added our fields."""

    options: Mapping[str, Any] = {**OdooHarness.options, "login": "sales@crm.example"}


class ReaderHarness(OdooHarness):
    """A user who may read contacts, and not create any."""

    options: Mapping[str, Any] = {**OdooHarness.options, "login": "reader@crm.example"}


class MappedHarness(OdooHarness):
    """With columns of the operator's, one of which Odoo refuses."""

    options: Mapping[str, Any] = {
        **OdooHarness.options,
        "mapping": {"type": "{search}", "ref": "{task_id}"},
    }


class MailHarness(OdooHarness):
    """Where the domain of the e-mail address counts."""

    options: Mapping[str, Any] = {**OdooHarness.options, "email_is_domain": True}


def new_stage(stages: list[Stage], kind: type[Harness]) -> Stage:
    """A fresh Odoo of this kind, closed with the others."""
    stages.append(Stage(kind, seed=1))
    return stages[-1]


def odoo_of(stage: Stage) -> Any:
    """The simulator behind a stage."""
    return stage.harness.odoo  # type: ignore[attr-defined]


def calls(opened: Opened) -> list[str]:
    """The methods that were called, in order, without those of the server itself."""
    asked = [orjson.loads(seen.body)["params"]["args"] for seen in opened.wire.seen if seen.body]
    return [f"{args[3]}.{args[4]}" for args in asked if len(args) > 4]


def contact(stage: Stage, record_id: str | None) -> dict[str, Any]:
    """A contact as Odoo holds it."""
    (row,) = odoo_of(stage).by_hand(PARTNER, "read", [int(str(record_id))])
    return dict(row)


def open_with(stage: Stage, secrets: dict[str, str], **options: object) -> Opened:
    """A connector with other options and secrets than the harness's own."""
    opened = stage.open()
    table = {**stage.harness.options, **options}
    context = ConnectorContext(
        name="crm",
        secrets=secrets,
        transport=opened.wire.transport(stage.harness.simulators()),
        clock=stage.clock,
        random=stage.harness.random,
    )
    built = plugin.open(plugin.options.model_validate(table), context)
    return Opened(connector=built, wire=opened.wire)
