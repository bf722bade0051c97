"""``[searches.NAME]``: its keys, and the rules of the vendor's contract for what is sent."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Annotated, Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from connectors.sdk.mapping import Template
from daemon.config.definitions import definition_from_json
from daemon.config.models import Credits, Limit, Section, Share
from daemon.config.problems import meant
from daemon.domain.cadence import parse_cadence
from daemon.domain.countries import normalise_country
from daemon.domain.hostnames import normalise_exclusion, site_of
from daemon.domain.searches import PushMode, SearchDefinition, WithoutDomain
from daemon.domain.segments import COUNTRY


class DataSource(StrEnum):
    """The vendor's ``DiscoveryDataSource``."""

    WEB_SEARCH = "web_search"
    LINKEDIN = "linkedin"
    MAPS = "maps"


class CompanySize(StrEnum):
    """The vendor's ``CompanySize``."""

    S1 = "1-10"
    S11 = "11-50"
    S51 = "51-200"
    S201 = "201-500"
    S501 = "501-1000"
    S1001 = "1001-5000"
    S5001 = "5001-10000"
    S10001 = "10001+"


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a search is checked against: connectors (name → may be pushed to) and vendor limits."""

    connectors: Mapping[str, bool]
    max_results_per_task: int


def _check_uuid(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError:
        raise ValueError("must be a UUID, as in 123e4567-e89b-12d3-a456-426614174000") from None


def _check_unique(values: tuple[str, ...]) -> tuple[str, ...]:
    twice = sorted({value for value in values if values.count(value) > 1})
    if twice:
        raise ValueError(f"names {', '.join(twice)} more than once")
    return values


def _check_said(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be empty")
    return value


def _check_schedule(value: str) -> str:
    parse_cadence(value, "UTC")  # the zone is a key of its own, and told there
    return value


def _check_template(value: str) -> str:
    Template.parse(value)
    return value


def _check_domain(value: str) -> str:
    domain = normalise_exclusion(value)
    if domain is None:
        raise ValueError(f'"{value}" names no domain to exclude: {site_of(value).reason}')
    return domain


TemplateText = Annotated[str, AfterValidator(_check_template)]
Schedule = Annotated[str, AfterValidator(_check_schedule)]
Uuid = Annotated[str, AfterValidator(_check_uuid)]
Domain = Annotated[str, AfterValidator(_check_domain)]
Said = Annotated[str, AfterValidator(_check_said)]


class CriterionOptions(Section):
    """One ``[[searches.NAME.criteria]]``; lengths and pattern are the vendor's."""

    key: Annotated[str, Field(pattern=r"^[a-zA-Z][a-zA-Z0-9_]*$")]
    name: Annotated[str, Field(min_length=1, max_length=100)]
    criterion: Annotated[str, Field(min_length=10, max_length=500)]
    min_grade: Annotated[int, Field(ge=1, le=5)] | None = None


class TableOptions(Section):
    """``[searches.NAME.table]``: the Extruct table that results also go to."""

    id: Uuid
    run: bool = False
    columns: tuple[Uuid, ...] | None = None
    auto_import: bool = False


class SearchOptions(Section):
    """One ``[searches.NAME]`` of the file."""

    query: Said
    desired_num_results: Annotated[int, Field(ge=1)] = 100
    schedule: Schedule = "once"
    timezone: str = "UTC"
    active: bool = True
    push_to: Annotated[tuple[str, ...], AfterValidator(_check_unique)] = ()
    push: PushMode = PushMode.AUTO
    min_relevance: Annotated[int, Field(ge=0, le=100)] = 0
    without_domain: WithoutDomain = WithoutDomain.HOLD
    probable: WithoutDomain = WithoutDomain.HOLD
    exclude_domains: tuple[Domain, ...] = ()
    exclude_task_ids: Annotated[tuple[Uuid, ...], Field(max_length=100)] = ()
    auto_data_sources: bool = True
    data_sources: tuple[DataSource, ...] | None = None
    criteria: tuple[CriterionOptions, ...] = ()
    table: TableOptions | None = None
    properties: dict[str, TemplateText] = Field(default_factory=dict)
    target: Annotated[int, Field(ge=1)] | None = None
    min_new_share: Share = 0.1
    countries: Annotated[tuple[Said, ...], Field(validate_default=True)] = ()
    sizes: tuple[CompanySize, ...] = ()
    max_new_per_run: Limit | None = None
    max_new_per_day: Limit | None = None
    max_results_per_run: Limit | None = None
    max_results_per_day: Limit | None = None
    max_results_per_month: Limit | None = None
    max_credits_per_run: Credits | None = None
    max_credits_per_day: Credits | None = None
    max_credits_per_month: Credits | None = None
    max_credits_per_new_company: Credits | None = None

    @field_validator("desired_num_results")
    @classmethod
    def _within_the_vendors_limit(cls, value: int, info: ValidationInfo) -> int:
        limit = _surroundings(info).max_results_per_task
        if value > limit:
            raise ValueError(
                f"must be at most {limit} (max_results_per_task of [extruct]), not {value}; "
                "target asks for more over several tasks"
            )
        return value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # a folder's name is an OSError
            hint = meant(value, _zones())
            raise ValueError(f'"{value}" is not a time zone{hint}') from None
        return value

    @field_validator("push_to")
    @classmethod
    def _known_targets(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        connectors = _surroundings(info).connectors
        for name in value:
            if name not in connectors:
                raise ValueError(f"there is no [connectors.{name}]{meant(name, connectors)}")
            if not connectors[name]:
                raise ValueError(f'the connector "{name}" can only be read, not pushed to')
        return value

    @field_validator("data_sources")
    @classmethod
    def _sources_are_heard(cls, value: Any, info: ValidationInfo) -> Any:
        if value == ():
            raise ValueError("names no source: name one, or leave it out")
        if value is not None and info.data.get("auto_data_sources") is True:
            raise ValueError(
                "means nothing while auto_data_sources is true: the vendor ignores it; "
                "set auto_data_sources = false or leave this out"
            )
        return value

    @field_validator("countries")
    @classmethod
    def _can_be_asked_one_by_one(
        cls, value: tuple[str, ...], info: ValidationInfo
    ) -> tuple[str, ...]:
        if COUNTRY not in info.data.get("query", ""):
            return value
        if not value:
            raise ValueError(f"must name the countries that {COUNTRY} in the query stands for")
        codes = [normalise_country(country) for country in value]
        twice = [one for one, code in zip(value, codes, strict=True) if codes.count(code) > 1]
        if twice:
            raise ValueError(f"has one country as {', '.join(twice)}: it would be asked for twice")
        return value

    def definition(self, name: str) -> SearchDefinition:
        """The core's value of this search."""
        return definition_from_json(self.model_dump(mode="json") | {"name": name})


def _surroundings(info: ValidationInfo) -> Surroundings:
    if not isinstance(info.context, Surroundings):
        raise TypeError("a search is validated with Surroundings as its context")
    return info.context


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
