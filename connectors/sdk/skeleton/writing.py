"""Writing a new connector's package out of the sample that is tested here."""

import re
from pathlib import Path

_SAMPLE = Path(__file__).parent / "samplecrm"
_MODULES = ("__init__", "connector", "reading", "simulator", "harness")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def write_skeleton(name: str, folder: Path) -> tuple[Path, ...]:
    """Write the package ``prospectd-NAME`` into ``folder``, which must not hold it yet.

    Gives the files in the order in which to read them. The package's conformance test passes as it
    is: ``pytest`` in the new folder, once ``prospectd`` is installed.

    Raises:
        ValueError: the name is no good for a Python package, or is taken by the sample.
        FileExistsError: the folder for the package is there already.
    """
    if not _NAME.fullmatch(name):
        raise ValueError(
            f'"{name}" cannot name a connector: small letters, digits and single underscores, '
            "a letter first"
        )
    root = folder / f"prospectd-{name.replace('_', '-')}"
    package = f"prospectd_{name}"
    root.mkdir(parents=True)
    wanted = {
        "README.md": "readme.md.template",
        "pyproject.toml": "pyproject.toml.template",
        **{f"{package}/{module}.py": f"{module}.py" for module in _MODULES},
        f"tests/test_{name}_conformance.py": "test_conformance.py.template",
    }
    return tuple(_write(root / target, source, name) for target, source in wanted.items())


def _write(target: Path, source: str, name: str) -> Path:
    text = (_SAMPLE / source).read_text(encoding="utf-8")
    title = "".join(part.capitalize() for part in name.split("_"))
    text = text.replace("connectors.sdk.skeleton.samplecrm", f"prospectd_{name}")
    text = text.replace("SampleCrm", title).replace("samplecrm", name)
    text = text.replace("SAMPLECRM", name.upper())
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return target
