"""Company names without legal forms, accents and punctuation."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.domain.legal_forms import LEADING, OF_COUNTRIES, TRAILING
from daemon.domain.legal_names import aliases_of, names_of, normalise_name, skeleton_of


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
        ("Norrsken Plåt AB (publ)", "norrsken plat"),
        ("Cantine Maremma Soc. Coop. a r.l.", "cantine maremma"),
        ("Konkan Spices (OPC) Private Limited", "konkan spices"),
        ("Talleres Echeverría, Sociedad Limitada Unipersonal", "talleres echeverria"),
        ("Société Anonyme Verrerie Castelnau", "verrerie castelnau"),
        ("Azul Energia S.A. E.S.P.", "azul energia"),
        ("Arquitetos Lima S/S Ltda", "arquitetos lima"),
        ("Smith & Jones, A Professional Corporation", "smith and jones"),
        ("Gulf Marine DWC-LLC", "gulf marine"),
        ("Al Noor Gas K.S.C.C.", "al noor gas"),
        ("Công ty TNHH Một Thành Viên Sao Mai", "sao mai"),
        ("Krüger Dach GmbH i. Liqu.", "kruger dach"),
        ("Krüger Dach GmbH in Liquidation", "kruger dach"),
        ("Rossi Impianti s.n.c. di Rossi Mario & C.", "rossi impianti"),
        ("Malerbetrieb Huber, Inh. Max Huber", "malerbetrieb huber"),
        ("Boring Company, The", "boring"),
        ("一般社団法人ヤマト協会", "ヤマト協会"),
        ("บริษัท ปตท. จำกัด (มหาชน)", "ปตท"),
        ("F.lli Zanchetta snc", "flli zanchetta"),
        ("SAS Institute", "sas institute"),
        ("Toys Unlimited", "toys unlimited"),
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
        ("Haltwerk (ehem. Stahlbau Pfister)", ("haltwerk", "stahlbau pfister")),
        ("Alpes Mesure SARL (devenu Nexeria)", ("alpes mesure", "nexeria")),
        ("Prairie Ovens LLC t/a Tallgrass Bakery", ("prairie ovens", "tallgrass bakery")),
        ("Prairie Ovens d/b/a Tallgrass", ("prairie ovens", "tallgrass")),
        ("9123 Québec inc. o/a Boréal", ("9123 quebec", "boreal")),
        ("Dupont NV handelend als Duponcel", ("dupont", "duponcel")),
        ("Acme (rebranded to Beta)", ("acme", "beta")),
        ("Was Nun Verlag", ("was nun verlag",)),
        ("Now Foods", ("now foods",)),
        ("Well Known Films", ("well known films",)),
        ("Formerly", ()),
    ],
)
def test_former_and_trading_names_are_told_apart(name: str, names: tuple[str, ...]) -> None:
    """A name field that holds several names gives each, the present one first."""
    assert names_of(name) == names


@pytest.mark.parametrize(
    ("name", "aliases"),
    [
        ("MARS Inc (Mid-America Rail)", ("mars", "mid america rail")),
        ("Alphabet（Google）", ("alphabet", "google")),  # noqa: RUF001 - full-width brackets are the case
        ("Ромашка (ООО)", ("ромашка",)),  # noqa: RUF001 - Cyrillic is the case
        ("Acme (part of Beta Group)", ("acme",)),
        ("Meta (formerly Facebook)", ()),
        ("Acme", ()),
        ("()", ()),
    ],
)
def test_what_stands_in_brackets_may_be_another_name(name: str, aliases: tuple[str, ...]) -> None:
    """The text without its brackets and that within are told, unless they are marked or no name."""
    assert aliases_of(name) == aliases


def test_every_listed_form_is_taken_off() -> None:
    """No form is listed in letters that the folded name never has, and none hides another."""
    left = {
        words
        for words in TRAILING
        if normalise_name(f"Zorbix Quarv {' '.join(words)}") != "zorbix quarv"
    } | {
        words
        for words in LEADING
        if normalise_name(f"{' '.join(words)} Zorbix Quarv") != "zorbix quarv"
    }
    assert left == set()


def test_a_short_form_goes_only_in_its_own_country() -> None:
    """``Ky`` is a Finnish partnership, and Kentucky elsewhere; each country's forms are taken."""
    assert names_of("Virtanen Ky", "fi") == ("virtanen",)
    assert names_of("Virtanen Ky", "us") == names_of("Virtanen Ky") == ("virtanen ky",)
    assert names_of("CV Maju Bersama", "id") == ("maju bersama",)
    for country, forms in OF_COUNTRIES.items():
        assert {names_of(f"Zorbix Quarv {form}", country) for form in forms} == {("zorbix quarv",)}


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
