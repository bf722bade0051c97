"""Company names without legal forms, accents and punctuation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.domain.legal_names import names_of, normalise_name, skeleton_of


@pytest.mark.parametrize(
    ("name", "normalised"),
    [
        ("Acme Robotics GmbH", "acme robotics"),
        ("FLEXPORT, INC.", "flexport"),
        ("Müller & Söhne GmbH & Co. KG", "muller and sohne"),
        ("Müller und Söhne", "muller and sohne"),
        ("Dupont et Fils S.A.R.L.", "dupont and fils"),
        ("Meccanica Rossi S.p.A.", "meccanica rossi"),
        ("Barilla SPA", "barilla"),
        ("Day Spa", "day spa"),
        ("Kowalski Sp. z o.o.", "kowalski"),
        ("Nordisk Fjernvarme A/S", "nordisk fjernvarme"),
        ("Acme Gesellschaft mit beschränkter Haftung", "acme"),
        ("Acme Limited Liability Company", "acme"),
        ("Granite Peak Mining Corporation", "granite peak mining"),
        ("Seletar Aero Pte. Ltd.", "seletar aero"),
        ("Comercial del Bajío S.A. de C.V.", "comercial del bajio"),
        ("Moravská Ocel spol. s r.o.", "moravska ocel"),
        ("Yıldız Makina San. ve Tic. A.Ş.", "yildiz makina"),  # noqa: RUF001 - Turkish is the case
        ("Tata Chemicals Pvt. Ltd.", "tata chemicals"),
        ("株式会社ヤマト電機", "ヤマト電機"),
        ("ヤマト電機㈱", "ヤマト電機"),
        ("深圳市蓝海科技有限公司", "深圳市蓝海科技"),
        ("주식회사 한빛소프트", "한빛소프트"),
        ("ООО «Ромашка-Сервис»", "ромашка сервис"),  # noqa: RUF001 - Cyrillic is the case
        ("PT Maju Bersama", "maju bersama"),
        ("The Boring Company", "boring"),
        ("Tiffany & Co.", "tiffany"),
        ("J. P. Morgan", "jp morgan"),
        ("McDonald's", "mcdonalds"),
        ("Yahoo!™", "yahoo"),
        ("Kirchberg Logistics S.à r.l.", "kirchberg logistics"),
        ("SC Moldova Textil SRL", "moldova textil"),
        ("SC Freiburg", "sc freiburg"),
        ("SARL Fabre et Fils", "fabre and fils"),
        ("GmbH", "gmbh"),
        ("Inc.", "inc"),
        ("!!!", ""),
        ("", ""),
        ("Ｆｕｌｌｗｉｄｔｈ　Ｉｎｃ．", "fullwidth"),  # noqa: RUF001 - full-width letters are the case
    ],
)
def test_a_name_is_reduced_to_what_identifies(name: str, normalised: str) -> None:
    """Legal forms of many countries, accents, case and punctuation go; the rest stays."""
    assert normalise_name(name) == normalised


@pytest.mark.parametrize(
    ("name", "names"),
    [
        ("Meta (formerly Facebook)", ("meta", "facebook")),
        ("Wise Ltd, formerly known as TransferWise Ltd", ("wise", "transferwise")),
        ("Snipfeed dba Komi Inc.", ("snipfeed", "komi")),
        ("Acme Ltd trading as Beta", ("acme", "beta")),
        ("dapulse (f/k/a) Monday", ("dapulse", "monday")),
        ("Neu AG vormals Alt GmbH", ("neu", "alt")),
        ("Elbdata GmbH (jetzt Signalfeld GmbH)", ("elbdata", "signalfeld")),
        ("Zetaflow, antes Bombas Ibarra", ("zetaflow", "bombas ibarra")),
        ("Now Foods", ("now foods",)),
        ("Well Known Films", ("well known films",)),
        ("Formerly", ()),
    ],
)
def test_former_and_trading_names_are_told_apart(name: str, names: tuple[str, ...]) -> None:
    """A name field that holds several names gives each, the present one first."""
    assert names_of(name) == names


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Müller", "Mueller"),
        ("Søndergaard Møbler", "Soendergaard Moebler"),
        ("Großhandel Weiß", "Grosshandel Weiss"),
        ("Ålesund", "Aalesund"),
        ("Яндекс", "Yandex"),
        ("Ромашка", "Romashka"),
        ("Газстрой", "Gazstroi"),
        ("Αιγαίο", "Aigaio"),
    ],
)
def test_spelling_habits_are_evened_out_for_comparing(one: str, other: str) -> None:
    """Umlauts written out, other alphabets and doubled letters compare equal."""
    assert skeleton_of(normalise_name(one)) == skeleton_of(normalise_name(other))


@settings(deadline=None, max_examples=300)
@given(st.text())
def test_any_name_normalises_and_stays_so(name: str) -> None:
    """No name raises; what comes out has no capitals, no edges of blanks, and no doubled blanks."""
    normalised = normalise_name(name)
    assert normalised == " ".join(normalised.split())
    assert normalised == normalised.casefold()


@settings(deadline=None)
@given(
    st.from_regex(r"[A-Z][a-z]{4,8} [A-Z][a-z]{4,8}", fullmatch=True),
    st.sampled_from(
        ["", " GmbH", ", Inc.", " S.A.", " Ltd", " B.V.", " Sp. z o.o.", " AG & Co. KG"]
    ),
)
def test_a_legal_form_behind_a_name_changes_nothing(name: str, form: str) -> None:
    """A name with a legal form is the name without it."""
    assert normalise_name(name + form) == normalise_name(name)


def test_a_description_in_the_name_field_is_cut() -> None:
    """Ten thousand characters of the worst kind are answered by a name of bearable length."""
    assert len(normalise_name("a." * 5000 + "1")) <= 300
