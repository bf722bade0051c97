"""The page of states shows the tables as they are."""

from tests.architecture.generated import generated_part
from tests.architecture.states_page import MACHINES, PAGE, render


def test_the_diagrams_are_those_of_the_tables() -> None:
    """Whoever changes a table draws the page anew: ``python -m tests.architecture.states_page``."""
    assert generated_part(PAGE) == render().strip()


def test_every_state_of_every_machine_is_drawn() -> None:
    """No state is missing, and each can be reached from where a row is born."""
    for machine in MACHINES:
        reached = {state.value for state in machine.initial}
        for _ in machine.states:
            steps = machine.table.items()
            reached |= {to.value for (state, _), to in steps if state.value in reached}
        assert reached == {state.value for state in machine.states}
        assert all(state.value in generated_part(PAGE) for state in machine.states)
