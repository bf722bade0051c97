"""What is wrong with a configuration, in sentences for a person."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from daemon.errors import ProspectdError


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong: the key path where it stands, and what to do about it.

    ``file`` is empty and ``line`` None where it does not stand in a file (an override, a secret).
    """

    path: str
    text: str
    line: int | None = None
    file: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.file and self.line else self.file
        return ": ".join(part for part in (place, self.path, self.text) if part)


class ConfigProblems(ProspectdError):
    """A configuration cannot be used; ``problems`` holds everything that is wrong with it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def meant(word: str, known: Iterable[str]) -> str:
    """``; did you mean "…"?`` where a known word is near, else nothing."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f'; did you mean "{close[0]}"?' if close else ""
