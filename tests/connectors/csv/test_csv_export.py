"""Adding companies to a file: whole, once, and without touching what people wrote."""

import csv
import errno
import multiprocessing
import os
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest
from pydantic import ValidationError

from connectors.csv import CsvConnector, CsvOptions, connector
from connectors.csv.files import locked
from connectors.registry import open_connector
from connectors.sdk.clock import SystemClock
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.conformance.stage import company_item
from connectors.sdk.faults import Fault, NeedsPerson, NotProcessed, Permanent
from connectors.sdk.outcomes import OutcomeKind, ResolutionKind
from connectors.sdk.protocol import ConnectorContext, Level
from connectors.sdk.records import PushItem

CREATED, EXISTED = OutcomeKind.CREATED, OutcomeKind.EXISTED


def opened(path: Path, **values: object) -> CsvConnector:
    """A connector that adds to the file."""
    options = CsvOptions.model_validate({"type": "csv", "path": path, **values})
    context = ConnectorContext(name="crm", clock=VirtualClock(), random=Random(1))
    made = open_connector(connector, options, context)
    assert isinstance(made, CsvConnector)
    return made


def rows(path: Path) -> list[dict[str, str]]:
    """The rows of the file as Python reads them."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def kinds(crm: CsvConnector, items: list[PushItem]) -> list[OutcomeKind]:
    """The kinds of outcome of a push."""
    return [outcome.kind for outcome in crm.push(items)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the file will be."""
    return tmp_path / "new companies.csv"


def test_a_new_file_is_one_for_spreadsheets(path: Path) -> None:
    """The first company begins a file with a mark for UTF-8, a header and the mapped columns."""
    opened(path).push([company_item(1)])
    assert path.read_bytes().startswith(b'\xef\xbb\xbf"prospectd_key","name","website"')
    (row,) = rows(path)
    assert row["prospectd_key"] == "firm-1.com"
    assert row["name"] == "Firm 1 Ltd"
    assert row["employees"] == "11-50"


def test_a_known_key_is_not_added_again(path: Path) -> None:
    """The same company in another push, or twice in one, has one row."""
    crm = opened(path)
    assert kinds(crm, [company_item(1), company_item(1)]) == [CREATED, EXISTED]
    assert kinds(opened(path), [company_item(1), company_item(2)]) == [EXISTED, CREATED]
    assert [row["prospectd_key"] for row in rows(path)] == ["firm-1.com", "firm-2.com"]


def test_people_s_columns_and_cells_stay(path: Path) -> None:
    """Columns that people added, moved or removed and cells that they wrote stay byte by byte."""
    theirs = 'comment,name,prospectd_key\n"call, ""now""",Müller & Søn,firm-1.com'
    path.write_text(theirs, encoding="utf-8")
    crm = opened(path)
    (outcome,) = crm.push([company_item(2)])
    assert path.read_text(encoding="utf-8") == f'{theirs}\n"","Firm 2 Ltd","firm-2.com"\n'
    assert "website: left out, the file has no such column" in outcome.warnings
    assert kinds(crm, [company_item(1)]) == [EXISTED]


def test_a_file_saved_by_a_spreadsheet_goes_on(path: Path) -> None:
    """Semicolons and a Windows encoding are kept apart and become UTF-8, nothing is lost."""
    path.write_bytes("prospectd_key;name\r\nfirm-1.com;Müller\r\n".encode("cp1252"))
    assert kinds(opened(path), [company_item(1), company_item(2)]) == [EXISTED, CREATED]
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["prospectd_key;name", "firm-1.com;Müller", '"firm-2.com";"Firm 2 Ltd"']


def test_the_mapping_makes_the_columns(path: Path) -> None:
    """Columns are those of the mapping, with the search's own properties beside them."""
    crm = opened(path, mapping={"Score": "{relevance} of 100", "domain": "", "state": ""})
    item = company_item(1)
    extra = PushItem(
        trace_id="t", company=item.company, fields=item.fields, properties={"stage": "=lead"}
    )
    crm.push([extra])
    (row,) = rows(path)
    assert row["Score"] == "87 of 100"
    assert row["stage"] == "'=lead"
    assert "domain" not in row


def test_formulas_are_quoted_and_read_back(path: Path) -> None:
    """A name that begins a formula is harmless in the file, and the same again in a listing."""
    crm = opened(path)
    crm.push([company_item(1, name="=cmd|'/c calc'!A1")])
    assert rows(path)[0]["name"] == "'=cmd|'/c calc'!A1"
    (page,) = crm.scan(None)
    assert page.records[0].name == "=cmd|'/c calc'!A1"


def test_permissions_and_links_stay(path: Path, tmp_path: Path) -> None:
    """A replaced file keeps its mode, and a link to it stays a link."""
    link = tmp_path / "link.csv"
    opened(path).push([company_item(1)])
    path.chmod(0o640)
    link.symlink_to(path)
    opened(link).push([company_item(2)])
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o640
    assert len(rows(path)) == 2


def test_a_file_without_the_key_is_not_touched(path: Path) -> None:
    """Where a person removed the key's column nothing is added: nobody could tell what is there."""
    path.write_text("name\nAcme\n", encoding="utf-8")
    with pytest.raises(NeedsPerson, match="prospectd_key is gone"):
        opened(path).push([company_item(1)])
    assert path.read_text(encoding="utf-8") == "name\nAcme\n"


def test_a_half_written_file_is_not_added_to(path: Path) -> None:
    """A file that ends in the middle of a row is left as it is until it is whole."""
    half = 'prospectd_key,name\nfirm-1.com,"Fir'
    path.write_text(half, encoding="utf-8")
    with pytest.raises(NotProcessed, match="middle of a row"):
        opened(path).push([company_item(2)])
    assert path.read_text(encoding="utf-8") == half


def test_a_missing_folder_is_told(tmp_path: Path) -> None:
    """A folder that is not there is a fault that names the path, and nothing was sent."""
    with pytest.raises(NotProcessed, match="No such file"):
        opened(tmp_path / "no" / "such.csv").push([company_item(1)])


def test_a_folder_in_place_of_the_file_asks_for_a_person(tmp_path: Path) -> None:
    """A path that is a folder cannot become a file by waiting."""
    with pytest.raises(NeedsPerson, match="check the path"):
        opened(tmp_path).push([company_item(1)])


Break = Callable[[pytest.MonkeyPatch], None]


def no_space(patch: pytest.MonkeyPatch) -> None:
    """The disk is full when the file is made safe."""

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    patch.setattr(os, "fsync", full)


def no_rename(patch: pytest.MonkeyPatch) -> None:
    """The rename is refused."""

    def refuse(_self: Path, _target: Path) -> None:
        raise OSError(errno.EIO, "Input/output error")

    patch.setattr(Path, "replace", refuse)


@pytest.mark.parametrize("fail", [no_space, no_rename])
def test_a_failed_write_leaves_the_old_file(
    fail: Break, path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the new file cannot be finished, the old one is whole and nothing lies about."""
    crm = opened(path)
    crm.push([company_item(1)])
    before = path.read_bytes()
    with monkeypatch.context() as patch:
        fail(patch)
        with pytest.raises(NotProcessed):
            crm.push([company_item(2)])
    assert path.read_bytes() == before
    left = {file.name for file in tmp_path.iterdir()}
    assert left == {path.name, f".{path.name}.lock"}
    assert kinds(crm, [company_item(2)]) == [CREATED]


def test_a_folder_that_cannot_be_synced_leaves_a_doubt(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After the rename an error is a doubt, which reading back settles."""
    crm, sync = opened(path), os.fsync
    calls: list[int] = []

    def second_fails(handle: int) -> None:
        calls.append(handle)
        if len(calls) > 1:
            raise OSError(errno.EIO, "Input/output error")
        sync(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", second_fails)
        (outcome,) = crm.push([company_item(1)])
    assert outcome.kind is OutcomeKind.UNKNOWN
    (answer,) = crm.resolve([company_item(1)])
    assert answer.kind is ResolutionKind.FOUND
    assert answer.record_id == "firm-1.com"


def test_a_left_over_temporary_file_is_no_obstacle(path: Path) -> None:
    """What a killed process left beside the file is written over."""
    path.with_name(f".{path.name}.new").write_text("half", encoding="utf-8")
    assert kinds(opened(path), [company_item(1)]) == [CREATED]


def test_another_writer_is_waited_for_and_then_told(path: Path) -> None:
    """While somebody else holds the lock nothing is written, and one hears when to try again."""
    with locked(path, VirtualClock()), pytest.raises(NotProcessed, match="by somebody else"):
        opened(path).push([company_item(1)])
    assert not path.exists()
    assert kinds(opened(path), [company_item(1)]) == [CREATED]


def _push_all(path: Path, seed: int) -> None:
    """What one of several processes does: push the same companies in its own order."""
    options = CsvOptions.model_validate({"type": "csv", "path": path})
    crm = CsvConnector(options, ConnectorContext(name="crm", clock=SystemClock()))
    numbers = list(range(30))
    Random(seed).shuffle(numbers)
    for start in range(0, 30, 5):
        crm.push([company_item(number) for number in numbers[start : start + 5]])


def test_processes_at_once_make_one_row_each(path: Path) -> None:
    """Several processes that push the same companies at once leave one row of each."""
    start = multiprocessing.get_context("spawn")
    workers = [start.Process(target=_push_all, args=(path, seed)) for seed in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    keys = [row["prospectd_key"] for row in rows(path)]
    assert sorted(keys) == sorted(f"firm-{number}.com" for number in range(30))


def test_reading_only_pushes_nothing(tmp_path: Path) -> None:
    """Without a path nothing can be pushed, and the capabilities say so."""
    source = tmp_path / "crm.csv"
    source.write_text("name,website\nAcme,acme.com\n", encoding="utf-8")
    options = CsvOptions.model_validate({"type": "csv", "import_path": source})
    crm = CsvConnector(options, ConnectorContext(name="crm", clock=VirtualClock()))
    assert not crm.capabilities.pushes
    with pytest.raises(Permanent, match="only reads"):
        crm.push([company_item(1)])


def test_the_probe_tells_missing_columns(path: Path) -> None:
    """A column that people removed is a warning with its remedy."""
    crm = opened(path)
    assert [finding.level for finding in crm.probe()] == [Level.OK]
    path.write_text("prospectd_key,name\n", encoding="utf-8")
    (finding,) = crm.probe()
    assert finding.level is Level.WARNING
    assert "website" in finding.text
    assert finding.remedy


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "set path"),
        ({"path": "a.csv", "import_path": "a.csv"}, "one file"),
        ({"path": "a.csv", "import_columns": {"web": "x"}}, "web is no role"),
        ({"path": "a.csv", "mapping": {"prospectd_key": "{name}"}}, "prospectd_key"),
        ({"path": "a.csv", "mapping": {"x": "{nonsense}"}}, "nonsense"),
        ({"path": "a.csv", "delimiter": ";;"}, "delimiter"),
        ({"path": "a.csv", "pth": "b.csv"}, "pth"),
    ],
)
def test_impossible_options_are_refused(values: dict[str, object], said: str) -> None:
    """Options that cannot work are refused when the configuration is read, with the reason."""
    with pytest.raises(ValidationError, match=said):
        CsvOptions.model_validate({"type": "csv", **values})


def test_a_hundred_thousand_rows_are_no_trouble(path: Path) -> None:
    """A company is added to a large file, found in it, and listed with all others."""
    lines = (f'firm-{n}.com,"Firm {n}",https://www.firm-{n}.com\n' for n in range(100_000))
    path.write_text("prospectd_key,name,website\n" + "".join(lines), encoding="utf-8")
    crm = opened(path)
    items = [company_item(number) for number in range(99_900, 100_100)]
    outcomes = kinds(crm, items)
    assert outcomes == [EXISTED] * 100 + [CREATED] * 100
    found = crm.lookup([items[0].company, items[-1].company])
    assert [len(records) for records in found] == [1, 1]
    assert sum(len(page.records) for page in crm.scan(None)) == 100_100


def test_faults_name_no_more_than_the_path(path: Path) -> None:
    """Every fault of the connector has a code and a sentence with the path."""
    path.write_text("name\n", encoding="utf-8")
    with pytest.raises(Fault) as raised:
        opened(path).resolve([company_item(1)])
    assert raised.value.code == "no_key_column"
