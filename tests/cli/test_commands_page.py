from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from daemon.cli import app

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "commands.md").read_text("utf-8")


def commands(group: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, list[str]]]:
    """Every command with its long options."""
    for name, command in group.commands.items():
        options = [
            option
            for parameter in command.params
            for option in parameter.opts
            if option.startswith("--") and option != "--help"
        ]
        yield " ".join((*path, name)), options
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))


ALL = dict(commands(typer.main.get_command(app)))


@pytest.mark.parametrize("command", ALL)
def test_every_command_and_option_is_on_the_page(command: str) -> None:
    """What can be typed is documented: each command in a row of its own or its group's."""
    lines = [line for line in PAGE.splitlines() if f"`{command}" in line]
    missing = [option for option in ALL[command] if not any(option in line for line in lines)]
    assert lines or command in {"crm", "db"}, f"{command} is nowhere on the page"
    assert missing == []
