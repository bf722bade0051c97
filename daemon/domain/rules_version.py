"""Which rules made the stored keys: a mark that changes with them, and that nobody has to raise.

The keys under which a store finds known companies are made by the modules of this package, from
their code and their lists. Two programs whose modules say the same, comments and docstrings apart,
make the same keys. Rather too often than too seldom does the mark change: keys that the present
rules would not make hide a company that is known, and that company is then created twice.
"""

import ast
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from typing import Final

_PACKAGE: Final = "daemon.domain"
_MAKERS: Final = ("documents", "identities")
"""The modules that make what is stored; those that they import are found."""


@cache
def rules_version() -> str:
    """Eight hexadecimal digits, the same as long as the same keys are made."""
    folder = files(_PACKAGE)
    sources = sources_of(_MAKERS, lambda name: (folder / f"{name}.py").read_text("utf-8"))
    countries = (files("tzdata") / "zoneinfo" / "iso3166.tab").read_text("utf-8")
    return version_of(sources, countries, unicodedata.unidata_version)


def sources_of(names: tuple[str, ...], read: Callable[[str], str]) -> dict[str, ast.Module]:
    """The named modules of the package and all of its modules that they import, by name."""
    found: dict[str, ast.Module] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = ast.parse(read(name))
            waiting += _imported_by(found[name])
    return found


def _imported_by(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            package, _, name = node.module.rpartition(".")
            if package == _PACKAGE:
                yield name
            elif node.module == _PACKAGE:
                yield from (alias.name for alias in node.names)


def version_of(sources: Mapping[str, ast.Module], *data: str) -> str:
    """The mark of these modules and of data that they read, whatever the order of the modules."""
    told = [f"{name}\0{ast.dump(_Undocumented().visit(sources[name]))}" for name in sorted(sources)]
    return blake2b("\0".join((*told, *data)).encode(), digest_size=4).hexdigest()


class _Undocumented(ast.NodeTransformer):
    """Takes docstrings out; comments never were in."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        """An expression without effect goes if it is a text."""
        is_text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if is_text else node
