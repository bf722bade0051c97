"""A fresh Odoo for each test."""

from collections.abc import Iterator

import pytest

from connectors.odoo.harness import OdooHarness
from connectors.sdk.conformance.stage import Stage
from tests.connectors.odoo.stages import new_stage


@pytest.fixture
def stages() -> Iterator[list[Stage]]:
    made: list[Stage] = []
    yield made
    for stage in made:
        stage.close()


@pytest.fixture
def stage(stages: list[Stage]) -> Stage:
    return new_stage(stages, OdooHarness)
