"""The pytest option ``--connector``: runs the suite on one connector, without a test file.

``NAME`` is an installed connector, whose package has a module ``harness`` with one subclass of
:class:`~connectors.sdk.conformance.harness.Harness`; or ``module:Class`` names the harness itself.
"""

from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType

import pytest

from connectors.sdk.conformance.harness import Harness

_SUITE = Path(__file__).parent / "chosen.py"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option."""
    parser.getgroup("prospectd").addoption(
        "--connector",
        metavar="NAME",
        help="play the conformance suite on this connector (NAME or module:HarnessClass)",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Where the option is given, run the suite in place of the project's own tests."""
    name = config.getoption("--connector")
    if name is None:
        return
    find_harness(name)
    named = config.args if config.args_source is config.ArgsSource.ARGS else []
    config.args = [*named, str(_SUITE)]


def find_harness(name: str) -> type[Harness]:
    """The harness of an installed connector, or the one that ``module:Class`` names.

    Raises:
        pytest.UsageError: there is none, or more than one to choose from.
    """
    module_name, _, class_name = name.partition(":")
    if not class_name:
        module_name = _module_of(name)
    try:
        module = import_module(module_name)
    except ImportError as error:
        message = f"--connector {name}: the harness cannot be imported ({error})"
        raise pytest.UsageError(message) from error
    found = _own_harnesses(module, class_name)
    if len(found) != 1:
        names = ", ".join(each.__name__ for each in found) or "none"
        message = f"--connector {name}: {module_name} has these harnesses: {names}; name one"
        raise pytest.UsageError(message)
    return found[0]


def _own_harnesses(module: ModuleType, class_name: str) -> list[type[Harness]]:
    """The module's harnesses of this name ("": any), without variants of one another."""
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, Harness)
        and value.__module__ == module.__name__
        and class_name in {"", value.__name__}
    ]
    return [one for one in found if not any(issubclass(one, o) for o in found if o is not one)]


def _module_of(name: str) -> str:
    points = [point for point in entry_points(group="prospectd.connectors") if point.name == name]
    if not points:
        raise pytest.UsageError(f"--connector {name}: no such connector is installed")
    return f"{points[0].module}.harness"
