"""Made-up markets: companies, a CRM that holds some, searches, and a vendor that ranks.

Nothing here is known to the planner: it sees the CRM's records, the searches' words and what tasks
return, as the daemon does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class WorldOptions:
    """What a world is like. Shares go from 0 to 1.

    ``market`` is how many companies each search could return, ``held`` the share of them that
    the CRM holds at the start; ``crm`` is the CRM's size, most of it other trades.
    ``clustered`` is the share of a description's words that are of its trade; ``missing``
    records have no description, ``misleading`` ones that of another trade. ``shared`` is the
    share of its market that a search has in common with the one before. ``drift`` is the share
    of companies that are new each week. ``telling`` is how much a company's rank with the
    vendor follows from the words that it shares with the query; the rest is its own. ``taste``
    is how much of the vendor's ranking is chance of the single task. ``lookalikes`` are records
    of each search's trade that the vendor never returns. Most of a market is of one trade; the
    rest, ``neighbours``, is of two others. ``placeless`` records do not say their country, and
    ``misplaced`` ones say another's. Of all companies, ``offices`` have an office in another
    country too, and the vendor returns them for either.
    """

    crm: int = 20_000
    market: int = 2_000
    held: float = 0.3
    clustered: float = 0.5
    missing: float = 0.2
    misleading: float = 0.05
    shared: float = 0.4
    drift: float = 0.02
    telling: float = 0.5
    taste: float = 0.3
    lookalikes: int = 200
    neighbours: float = 0.15
    placeless: float = 0.15
    misplaced: float = 0.03
    offices: float = 0.05
    searches: int = 3
    trades: int = 120


@dataclass(slots=True, kw_only=True)
class Company:
    """One company; ``fit`` says how well it suits each search that could return it.

    ``told`` is the trade that the CRM's record tells of, be it the right one or not.
    """

    domain: str
    trade: int
    told: int | None
    name: str
    text: str
    country: str
    crm_text: str
    crm_country: str | None
    office: str | None
    fit: dict[int, float] = field(default_factory=dict)

    def suits(self, search: int, country: str | None) -> bool:
        """Whether the vendor could return it to a search of this country; None: of all."""
        return search in self.fit and country in (None, self.country, self.office)


@dataclass(slots=True, kw_only=True)
class World:
    """Companies by domain, what each search says, and the CRM's domains from old to new."""

    options: WorldOptions
    companies: dict[str, Company]
    queries: list[str]
    criteria: list[str]
    held: dict[str, None]


_SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "or", "il")]
_HINTED, _HINTED_DOMAIN = 0.35, 0.5
"""Of the companies: those whose name tells their trade; of these: those whose domain does too."""
COUNTRIES = {
    "Germany": 0.35,
    "France": 0.2,
    "Spain": 0.15,
    "Poland": 0.12,
    "Italy": 0.1,
    "Sweden": 0.08,
}
"""Where companies are, and how many of them."""


class _Maker:
    """Makes companies of trades, each trade with words of its own and words that others use too."""

    def __init__(self, options: WorldOptions, seed: int) -> None:
        self.options = options
        self.chance = Random(seed)  # noqa: S311 - worlds are to be repeatable, not secret
        self._used: set[str] = set()
        self.common = [self._word(3) for _ in range(600)]
        pool = [self._word(3) for _ in range(options.trades * 12)]
        # A word belongs to some trades, so that none is known by a single word.
        self.trades = [self.chance.sample(pool, 24) for _ in range(options.trades)]

    def company(self, trade: int) -> Company:
        """A company of a trade, with what the CRM would say of it if it held it."""
        brand = self._word(3)
        options, chance = self.options, self.chance
        hint = chance.choice(self.trades[trade]) if chance.random() < _HINTED else ""
        domain = (
            f"{brand}-{hint}.com" if hint and chance.random() < _HINTED_DOMAIN else f"{brand}.com"
        )
        text = self._text(trade)
        told, of_trade = text, trade
        if chance.random() < options.missing:
            told = ""
        elif chance.random() < options.misleading:
            of_trade = chance.randrange(options.trades)
            told = self._text(of_trade)
        country = self._country()
        said: str | None = country
        if chance.random() < options.placeless:
            said = None
        elif chance.random() < options.misplaced:
            said = self._country()
        return Company(
            domain=domain,
            trade=trade,
            told=of_trade if told or hint else None,
            name=f"{brand} {hint}".strip(),
            text=text,
            country=country,
            crm_text=told,
            crm_country=said,
            office=self._country() if chance.random() < options.offices else None,
        )

    def fit(self, company: Company, query: str) -> float:
        """How well a company suits a query, from 0 to 1: by its words, and by what they hide."""
        asked = set(query.split())
        shared = min(1.0, sum(word in asked for word in company.text.split()) / 5)
        telling = self.options.telling
        return telling * shared + (1 - telling) * self.chance.random()

    def query(self, search: int) -> str:
        """A search's sentence: words of its trade, of one that it shares, and common ones."""
        chance = self.chance
        words = chance.sample(self.trades[search][:16], 5) + chance.sample(self.common, 3)
        if search and self.options.shared:
            words += chance.sample(self.trades[search - 1][:16], 3)
        chance.shuffle(words)
        return "companies that " + " ".join(words)

    def _country(self) -> str:
        return self.chance.choices(list(COUNTRIES), list(COUNTRIES.values()))[0]

    def _text(self, trade: int) -> str:
        words = self.trades[trade]
        return " ".join(
            words[min(int(self.chance.expovariate(1 / 7)), len(words) - 1)]
            if self.chance.random() < self.options.clustered
            else self.common[min(int(self.chance.expovariate(1 / 120)), len(self.common) - 1)]
            for _ in range(self.chance.randint(8, 22))
        )

    def _word(self, syllables: int) -> str:
        while True:
            word = "".join(self.chance.choices(_SYLLABLES, k=syllables))
            if word not in self._used:
                self._used.add(word)
                return word


def make_world(options: WorldOptions, seed: int) -> tuple[World, Iterator[None]]:
    """A world, and an iterator whose every step lets a week pass in it."""
    maker = _Maker(options, seed)
    chance = maker.chance
    world = World(options=options, companies={}, queries=[], criteria=[], held={})
    previous: list[Company] = []
    in_market: list[Company] = []
    for search in range(options.searches):
        world.queries.append(maker.query(search))
        world.criteria.append(maker.query(search))
        common = chance.sample(previous, round(options.shared * len(previous)))
        fresh = [_of_market(maker, search) for _ in range(options.market - len(common))]
        for company in [*common, *fresh]:
            company.fit[search] = maker.fit(company, world.queries[search])
        previous = [*common, *fresh]
        in_market += fresh
    world.companies.update((company.domain, company) for company in in_market)
    known = chance.sample(in_market, min(round(options.held * len(in_market)), options.crm))
    strangers = [
        maker.company(chance.randrange(options.searches, options.trades))
        for _ in range(options.crm - len(known) - options.lookalikes * options.searches)
    ]
    strangers += [
        maker.company(search)
        for search in range(options.searches)
        for _ in range(options.lookalikes)
    ]
    world.companies.update((company.domain, company) for company in strangers)
    record = [*known, *strangers]
    chance.shuffle(record)
    world.held = dict.fromkeys(company.domain for company in record)
    return world, _weeks(world, maker)


def _of_market(maker: _Maker, search: int) -> Company:
    """Mostly of the search's trade; the vendor finds some of its neighbours too."""
    options, chance = maker.options, maker.chance
    if chance.random() >= options.neighbours:
        return maker.company(search)
    return maker.company(options.searches + 2 * search + chance.randrange(2))


def _weeks(world: World, maker: _Maker) -> Iterator[None]:
    """Each week new companies appear, and people add some companies to the CRM by hand."""
    options, chance = world.options, maker.chance
    while True:
        for search in range(options.searches):
            for _ in range(round(options.drift * options.market)):
                company = _of_market(maker, search)
                company.fit[search] = maker.fit(company, world.queries[search])
                world.companies[company.domain] = company
                if chance.random() < options.held / 4:
                    world.held[company.domain] = None
        for _ in range(round(options.drift * options.crm / 10)):
            stranger = maker.company(chance.randrange(options.searches, options.trades))
            world.companies[stranger.domain] = stranger
            world.held[stranger.domain] = None
        yield


def ranking(world: World, search: int, task_seed: int, country: str | None = None) -> Sequence[str]:
    """What the vendor would return for a search, best first, were nothing excluded.

    ``country`` is the only one that it was asked for, if it was.
    """
    chance = Random(task_seed)  # noqa: S311 - same
    taste = world.options.taste
    scored = [
        (company.fit[search] * (1 - taste) + chance.random() * taste, company)
        for company in world.companies.values()
        if search in company.fit
    ]
    scored.sort(key=lambda pair: (pair[0], pair[1].domain), reverse=True)
    return [company.domain for _, company in scored if company.suits(search, country)]
