"""A file that a CRM exported, as the mirror of that CRM."""

from pathlib import Path
from random import Random

import pytest

from connectors.csv import CsvConnector, CsvOptions
from connectors.sdk.conformance import VirtualClock
from connectors.sdk.conformance.stage import company_item
from connectors.sdk.faults import NeedsPerson, NotProcessed, Permanent
from connectors.sdk.protocol import ConnectorContext, Level
from connectors.sdk.records import CompanyRef, CrmRecord

HUBSPOT = (
    "Record ID,Company name,Company Domain Name,Additional Domains,City\n"
    "101,Acme,acme.com,acme.de;acme.fr,Berlin\n"
    '102,"Beta, Inc.",https://WWW.Beta.example/x,,\n'
)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Where the CRM's export is."""
    return tmp_path / "crm export.csv"


def opened(source: Path, **values: object) -> CsvConnector:
    """A connector that reads the file."""
    options = CsvOptions.model_validate({"type": "csv", "import_path": source, **values})
    context = ConnectorContext(name="crm", clock=VirtualClock(), random=Random(1))
    return CsvConnector(options, context)


def listed(crm: CsvConnector) -> list[CrmRecord]:
    """Every record of a listing."""
    return [record for page in crm.scan(None) for record in page.records]


def test_an_export_is_understood(source: Path) -> None:
    """Ids, names and all domains of a CRM's export are read by its own column names."""
    source.write_text(HUBSPOT, encoding="utf-8")
    first, second = listed(opened(source))
    assert (first.record_id, first.name, first.city) == ("101", "Acme", "Berlin")
    assert first.websites == ("acme.com", "acme.de", "acme.fr")
    assert second.name == "Beta, Inc."


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_delimiters_are_found_out(
    source: Path, encoding: str, delimiter: str, newline: str
) -> None:
    """The usual ways to write a file are told apart without being set."""
    lines = [("Name", "Website"), ("Müller; Søn", "müller.example"), ("B", "b.com")]
    text = newline.join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    source.write_bytes((text + newline).encode(encoding))
    names = [record.name for record in listed(opened(source))]
    assert names == ["Müller; Søn", "B"]


def test_one_column_is_a_table_too(source: Path) -> None:
    """A plain list of websites under a header excludes them."""
    source.write_text("website\nacme.com\nbeta.example\n", encoding="utf-8")
    assert [record.websites for record in listed(opened(source))] == [
        ("acme.com",),
        ("beta.example",),
    ]


def test_what_is_set_is_believed(source: Path) -> None:
    """Encoding, delimiter and columns of the options beat what is found out."""
    source.write_bytes("Nm~Web\nÄ~a.com\n".encode("cp437"))
    crm = opened(
        source,
        encoding="cp437",
        delimiter="~",
        import_columns={"name": "Nm", "website": "Web"},
    )
    (record,) = listed(crm)
    assert (record.name, record.websites) == ("Ä", ("a.com",))


def test_bad_rows_are_told_and_the_others_read(source: Path) -> None:
    """Rows that say nothing are a warning with their lines; the rest of the file counts."""
    source.write_text(
        'Name,Website\nA,a.com\nB\n\n"C"x,c.com\nD,d.com,extra\nE,e.com\n', encoding="utf-8"
    )
    crm = opened(source)
    assert [record.name for record in listed(crm)] == ["A", "E"]
    good, bad = crm.probe()
    assert "name from 'Name'" in good.text
    assert bad.level is Level.WARNING
    assert "3 rows" in bad.text
    assert "line 3: 1 cells where the header has 2" in bad.text


@pytest.mark.parametrize(
    ("content", "fault", "said"),
    [
        (b"", NotProcessed, "is empty"),
        (b"\n \n", NotProcessed, "is empty"),
        (b'Name,Website\nA,"a.c', NotProcessed, "middle of a row"),
        (b"Name,Phone\nA,1\n", NeedsPerson, "no column leads to a website"),
        (b"Name,Name,Website\nA,B,c\n", NeedsPerson, "two columns of one name"),
    ],
)
def test_a_file_that_is_no_table_is_no_empty_listing(
    source: Path, content: bytes, fault: type[Exception], said: str
) -> None:
    """A file that cannot be the whole export raises a fault; it does not look empty."""
    source.write_bytes(content)
    with pytest.raises(fault, match=said):
        listed(opened(source))


def test_a_missing_file_is_no_empty_listing(source: Path) -> None:
    """An export that is not there yet is waited for."""
    with pytest.raises(NotProcessed, match="No such file"):
        listed(opened(source))


def test_an_unknown_encoding_is_told(source: Path) -> None:
    """An encoding that does not exist is a fault that says which option to change."""
    source.write_text(HUBSPOT, encoding="utf-8")
    with pytest.raises(NeedsPerson, match="option encoding"):
        listed(opened(source, encoding="utf-9"))


def test_a_file_that_grows_while_it_is_read_is_read_again(source: Path) -> None:
    """When a file is written to in place meanwhile, the listing does not pass for whole."""
    lines = [f"{n},firm-{n}.com" for n in range(3_000)]
    source.write_text("\n".join(["Name,Website", *lines]) + "\n", encoding="utf-8")
    pages = opened(source).scan(None)
    next(pages)
    with source.open("a", encoding="utf-8") as file:
        file.write("late,late.com\n")
    with pytest.raises(NotProcessed, match="while it was read"):
        list(pages)


def test_a_file_that_was_replaced_is_listed_anew(source: Path) -> None:
    """A cursor of the old file does not skip rows of the new one."""
    header, count = "Name,Website\n", 1_200
    source.write_text(header + "".join(f"{n},a{n}.com\n" for n in range(count)), encoding="utf-8")
    crm = opened(source)
    cursor = next(crm.scan(None)).cursor
    source.write_text(header + "".join(f"{n},b{n}.com\n" for n in range(count)), encoding="utf-8")
    rest = [record for page in crm.scan(cursor) for record in page.records]
    assert len(rest) == count


def test_the_cursor_of_another_connector_is_refused(source: Path) -> None:
    """A cursor that this connector did not write is a fault, not a listing from anywhere."""
    source.write_text(HUBSPOT, encoding="utf-8")
    with pytest.raises(Permanent, match="not one of this connector"):
        list(opened(source).scan("after-17"))


def test_a_look_up_sees_both_files(source: Path, tmp_path: Path) -> None:
    """What the CRM has and what was added but not yet imported are both found."""
    source.write_text(HUBSPOT, encoding="utf-8")
    crm = opened(source, path=tmp_path / "new.csv")
    item = company_item(1)
    crm.push([item])
    acme = CompanyRef(key="acme.fr", domain="acme.fr", name="Acme")
    beta = CompanyRef(key="beta.example", domain="beta.example", name="Beta")
    found = crm.lookup([acme, item.company, beta])
    assert [[record.record_id for record in records] for records in found] == [
        ["101"],
        ["firm-1.com"],
        ["102"],
    ]


def test_what_arrived_in_the_crm_is_listed_once(source: Path, tmp_path: Path) -> None:
    """A company of our file that the CRM's export holds by now is not told as a second record."""
    source.write_text(HUBSPOT, encoding="utf-8")
    crm = opened(source, path=tmp_path / "new.csv")
    crm.push([company_item(1), company_item(2)])
    ids = [record.record_id for record in listed(crm)]
    assert ids == ["101", "102", "firm-1.com", "firm-2.com"]
    source.write_text(HUBSPOT + "103,Firm 1,www.firm-1.com,,\n", encoding="utf-8")
    ids = [record.record_id for record in listed(crm)]
    assert ids == ["101", "102", "103", "firm-2.com"]
