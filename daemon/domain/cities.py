"""Cities in one form: without accents and spelling habits, and under one of their names."""

from typing import Final

from daemon.domain.legal_names import normalise_name, skeleton_of

_NAMES: Final = """
    aarhus arhus | abo turku | antwerp antwerpen anvers | athens athina αθηνα | basel bale basle |
    bangalore bengaluru | beijing peking | belgrade beograd | bern berne |
    bombay mumbai | bolzano bozen | braunschweig brunswick | bruges brugge |
    brussels bruxelles brussel | bucharest bucuresti | calcutta kolkata |
    chennai madras | cologne koln | copenhagen kobenhavn | cordoba cordova | cracow krakow |
    florence firenze | gdansk danzig | geneva geneve genf | genoa genova | ghent gent gand |
    gothenburg goteborg | gurgaon gurugram | hanover hannover | helsingfors helsinki |
    ho-chi-minh-city saigon | kiev kyiv kyjiw | lisbon lisboa |
    liege luik | lucerne luzern | lviv lvov lwow | mantua mantova | marseille marseilles |
    mexico-city ciudad-de-mexico cdmx | milan milano | moscow moskva moskau | munich munchen |
    naples napoli | new-york new-york-city nyc | nicosia lefkosia | nuremberg nurnberg |
    odesa odessa |
    padua padova | prague praha prag | quebec quebec-city | rome roma | seville sevilla |
    st-petersburg saint-petersburg sankt-peterburg | tammerfors tampere | tel-aviv tel-aviv-yafo |
    the-hague den-haag s-gravenhage | thessaloniki saloniki | turin torino | venice venezia |
    vienna wien | warsaw warszawa warschau | washington washington-dc | wroclaw breslau |
    zaragoza saragossa | zurich zurigo | frankfurt frankfurt-am-main | biel bienne biel-bienne
"""


def _folded(city: str) -> str:
    return skeleton_of(normalise_name(city))


_ONE_NAME: Final = {
    _folded(name): _folded(names.split()[0])
    for names in _NAMES.split("|")
    for name in names.split()
}


def compared_city(city: str | None) -> str:
    """A city in the form for comparing; "" where none is known.

    ``Köln``, ``Koeln`` and ``Cologne`` are one; a city without another name known here is itself.
    """
    if not city:
        return ""
    folded = _folded(city)
    return _ONE_NAME.get(folded, folded)
