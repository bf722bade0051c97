from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from daemon.config import Config, Problem

Load = Callable[..., Config]
Refused = Callable[..., Mapping[str, str]]
Found = Callable[..., tuple[Problem, ...]]


def search(name: str) -> str:
    return f'[searches.{name}]\nquery = "{name}"\n'


def test_searches_of_all_files_come_together(load: Load, tmp_path: Path) -> None:
    """Patterns and names in ``include`` are found beside the file that names them, in order."""
    config = load(
        'include = ["campaigns/*.toml", "more.toml"]\n' + search("a"),
        files={
            "campaigns/c.toml": search("c"),
            "campaigns/b.toml": search("b"),
            "campaigns/notes.txt": "no campaign",
            "more.toml": 'include = ["deep/er/*.toml"]\n' + search("d"),
            "deep/er/e.toml": search("e"),
        },
    )
    assert list(config.searches) == ["a", "b", "c", "d", "e"]
    assert len(config.files) == 5
    assert {path.relative_to(tmp_path).as_posix() for path in config.watched} == {
        ".",
        "campaigns",
        "deep/er",
    }


def test_files_that_include_each_other_are_read_once(load: Load) -> None:
    """A circle of includes, or a file named twice, is no endless loop and no doubled search."""
    config = load(
        'include = ["a.toml", "./a.toml", "*.toml"]',
        files={
            "a.toml": 'include = ["b.toml"]\n' + search("a"),
            "b.toml": 'include = ["a.toml", "config.toml"]\n' + search("b"),
        },
    )
    assert list(config.searches) == ["a", "b"]


def test_a_pattern_may_match_nothing(load: Load) -> None:
    """A folder that is still empty, or not yet there, is no mistake."""
    assert load('include = ["campaigns/*.toml"]').searches == {}


def test_a_file_by_its_name_must_be_there(refused: Refused) -> None:
    """A name without a pattern that leads to no file is told."""
    assert 'no file "nope.toml"' in refused('include = ["nope.toml"]')["include"]


@pytest.mark.parametrize("include", ['"a.toml"', "[1]", "3", "{}"])
def test_include_is_a_list_of_names(refused: Refused, include: str) -> None:
    """Anything else is told, with an example of what is right."""
    assert "must be a list of file names" in refused(f"include = {include}")["include"]


def test_an_included_file_holds_searches_only(found: Found, tmp_path: Path) -> None:
    """A section in an included file is told with that file's name and line."""
    files = {"a.toml": "\n[extruct]\npoll_every = '1s'\n" + search("a")}
    (problem,) = found('include = ["a.toml"]', files=files)
    assert (problem.path, problem.line, problem.file) == ("extruct", 2, str(tmp_path / "a.toml"))
    assert "may hold searches only" in problem.text


def test_one_name_is_one_search(found: Found, tmp_path: Path) -> None:
    """A search of the same name in another file is refused, and both files are named."""
    (problem,) = found('include = ["a.toml"]\n' + search("a"), files={"a.toml": search("a")})
    assert problem.file == str(tmp_path / "a.toml")
    assert f"in {tmp_path / 'config.toml'} already" in problem.text


def test_problems_of_included_files_stand_where_they_are(found: Found) -> None:
    """A wrong key in an included file has that file's line; files come in the order of reading."""
    files = {
        "a.toml": search("a") + "pus = 'auto'",
        "b.toml": "[searches.b]\nquery = ",
        "c.toml": "searches = 3",
    }
    problems = found('include = ["*.toml"]\n[http]\nlisten = 3', files=files)
    told = [(Path(one.file).name, one.path, one.line) for one in problems]
    assert told == [
        ("config.toml", "http.listen", 3),
        ("a.toml", "searches.a.pus", 3),
        ("c.toml", "searches", 1),
        ("b.toml", "", 2),
    ]


def test_the_environment_may_name_the_files(load: Load) -> None:
    """``PROSPECTD_INCLUDE`` replaces the main file's own list."""
    env = {"PROSPECTD_INCLUDE": '["b.toml"]'}
    config = load('include = ["a.toml"]', env, {"a.toml": search("a"), "b.toml": search("b")})
    assert list(config.searches) == ["b"]


def test_a_pattern_over_folders_watches_them_all(load: Load, tmp_path: Path) -> None:
    """Where a pattern reaches into folders, a change in each of them can be seen."""
    files = {"campaigns/eu/de/a.toml": search("a"), "campaigns/us/b.toml": search("b")}
    config = load('include = ["campaigns/**/*.toml"]', files=files)
    assert list(config.searches) == ["a", "b"]
    assert {path.relative_to(tmp_path).as_posix() for path in config.watched} == {
        ".",
        "campaigns",
        "campaigns/eu",
        "campaigns/eu/de",
        "campaigns/us",
    }


@pytest.mark.parametrize(
    ("name", "means_a_reload"),
    [
        ("config.toml", True),
        ("new.toml", True),
        ("..data", True),
        ("prospectd.db-wal", False),
        ("audit.jsonl", False),
        ("config.toml.swp", False),
    ],
)
def test_only_changes_of_the_configuration_mean_a_reload(
    load: Load, tmp_path: Path, name: str, means_a_reload: bool
) -> None:
    """A database or audit file beside the configuration does not have it read again and again."""
    assert load("").is_changed_by(str(tmp_path / name)) is means_a_reload
