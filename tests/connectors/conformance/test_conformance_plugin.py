"""``pytest --connector`` and the skeleton of a new connector, each run as a person runs them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from connectors.memory.harness import MemoryHarness
from connectors.sdk.conformance.plugin import find_harness
from connectors.sdk.skeleton import write_skeleton
from connectors.webhook.harness import SilentHarness, WebhookHarness

ROOT = Path(__file__).resolve().parents[3]


def run_pytest(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run pytest in the folder, with this checkout on the path and no cache left behind."""
    paths = os.pathsep.join([str(folder), str(ROOT)])
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def test_the_option_runs_the_suite_on_an_installed_connector(tmp_path: Path) -> None:
    """``pytest --connector=memory`` plays the laws on the memory connector, and they hold."""
    done = run_pytest(tmp_path, "--connector=memory", "-k", "scan or push", "-vv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "test_law[scan_lists_every_live_record] PASSED" in done.stdout


def test_the_option_fails_on_a_broken_connector(tmp_path: Path) -> None:
    """``pytest --connector=module:Class`` ends with 1 and names the law that is broken."""
    source = (
        "from connectors.memory.harness import MemoryHarness\n"
        "class Blind(MemoryHarness):\n"
        "    many = 1\n"
    )
    (tmp_path / "blind.py").write_text(source, encoding="utf-8")
    done = run_pytest(tmp_path, "--connector=blind:Blind", "-k", "every_live_record")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "test_law[scan_lists_every_live_record]" in done.stdout


def test_an_unknown_connector_is_a_wrong_command_line(tmp_path: Path) -> None:
    """``pytest --connector=nothing`` says that there is no such connector."""
    done = run_pytest(tmp_path, "--connector=nothing")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "no such connector is installed" in done.stderr


def test_a_harness_is_found_by_its_connector() -> None:
    """The harness of an installed connector is in its package; variants of it do not count."""
    assert find_harness("memory") is MemoryHarness
    assert find_harness("webhook") is WebhookHarness
    assert find_harness("connectors.webhook.harness:SilentHarness") is SilentHarness


@pytest.mark.parametrize("name", ["connectors.memory.crm:MemoryCrm", "no.such.module:Harness"])
def test_what_is_no_harness_is_refused(name: str) -> None:
    """A class that is no harness, or a module that is not there, is a wrong command line."""
    with pytest.raises(pytest.UsageError, match="--connector"):
        find_harness(name)


def test_a_new_connector_passes_its_own_test(tmp_path: Path) -> None:
    """The skeleton's conformance test passes as it was written."""
    files = write_skeleton("acme_crm", tmp_path)
    root = tmp_path / "prospectd-acme-crm"
    assert all(file.is_relative_to(root) for file in files)
    done = run_pytest(root, "-rs")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_a_new_connector_is_named_throughout(tmp_path: Path) -> None:
    """Nothing of the sample's name is left in the skeleton, and its modules are its own."""
    for file in write_skeleton("acme_crm", tmp_path):
        text = file.read_text(encoding="utf-8")
        assert "samplecrm" not in text.lower()
        assert "sdk.skeleton" not in text
        if file.suffix == ".py":
            compile(text, file.name, "exec")


@pytest.mark.parametrize("name", ["", "Acme", "9lives", "a-b", "a__b", "../x", "acme crm", "a."])
def test_a_name_that_is_no_package_is_refused(name: str, tmp_path: Path) -> None:
    """A name that Python cannot import is refused before anything is written."""
    with pytest.raises(ValueError, match="cannot name a connector"):
        write_skeleton(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_package_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """A second skeleton of the same name leaves the first as it is."""
    (first, *_) = write_skeleton("acme", tmp_path)
    first.write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError):
        write_skeleton("acme", tmp_path)
    assert first.read_text(encoding="utf-8") == "mine"
