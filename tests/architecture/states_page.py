"""The diagrams of ``docs/states.md``: ``python -m tests.architecture.states_page`` draws them."""

from daemon.domain.duplicate_states import DUPLICATES
from daemon.domain.push_states import PUSHES
from daemon.domain.task_states import SLOTS, TASKS
from daemon.domain.transitions import Machine
from tests.architecture.generated import DOCS, rewrite

PAGE = DOCS / "states.md"
MACHINES = (SLOTS, TASKS, PUSHES, DUPLICATES)


def render() -> str:
    """The generated part of the page."""
    return "\n".join(f"## {machine.name.title()}\n\n{draw(machine)}" for machine in MACHINES)


def draw(machine: Machine) -> str:  # type: ignore[type-arg]
    """One state machine as a Mermaid diagram."""
    lines = ["```mermaid", "stateDiagram-v2"]
    lines += [f"    [*] --> {state.value}" for state in sorted(machine.initial)]
    lines += [
        f"    {state.value} --> {target.value}: {event.value}"
        for (state, event), target in machine.table.items()
    ]
    lines += [f"    {state.value} --> [*]" for state in sorted(machine.terminal)]
    return "\n".join([*lines, "```", ""])


if __name__ == "__main__":
    rewrite(PAGE, render())
