"""From a result's fields to a CRM's properties: templates, checked when the config is loaded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import TypeAlias

from connectors.sdk.records import FIELD_NAMES, FieldValue, PushItem

Converter: TypeAlias = Callable[[FieldValue], FieldValue]


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """A text with names of result fields in braces: ``"{relevance}"``, ``"Found by {search}"``.

    ``parts`` are its pieces in order: literal text, and the name that follows it or None.
    """

    text: str
    parts: tuple[tuple[str, str | None], ...]

    @classmethod
    def parse(cls, text: str, *, names: Iterable[str] = FIELD_NAMES) -> "Template":
        """Check and take apart a template. ``{{`` and ``}}`` stand for braces.

        Raises:
            ValueError: an unknown name, an attribute, index, conversion or format, or a lone brace.
        """
        allowed = frozenset(names)
        try:
            pieces = list(Formatter().parse(text))
        except ValueError as error:
            raise ValueError(f'"{text}" is not a template: {error}') from None
        for _, name, spec, conversion in pieces:
            if name is not None:
                _check_name(text, name, spec, conversion, allowed)
        return cls(text=text, parts=tuple((literal, name) for literal, name, _, _ in pieces))

    @property
    def names(self) -> frozenset[str]:
        """The fields that it uses."""
        return frozenset(name for _, name in self.parts if name is not None)

    def render(self, fields: Mapping[str, FieldValue]) -> FieldValue:
        """Fill it in; None: leave the property out.

        A template that is one name alone keeps the value's type. Otherwise a field without value
        becomes empty text, and one whose fields are all without value gives None.
        """
        if len(self.parts) == 1 and not self.parts[0][0] and self.parts[0][1] is not None:
            return fields.get(self.parts[0][1])
        names = self.names
        if names and all(fields.get(name) is None for name in names):
            return None
        return "".join(
            literal + ("" if name is None else as_text(fields.get(name)))
            for literal, name in self.parts
        )


def _check_name(
    text: str, name: str, spec: str | None, conversion: str | None, allowed: frozenset[str]
) -> None:
    if spec or conversion:
        raise ValueError(f'"{text}": "{name}" may carry no format; write it as {{{name}}}')
    if name not in allowed:
        known = ", ".join(sorted(allowed))
        raise ValueError(f'"{text}": "{name}" is not a field of a result; known are {known}')


def as_text(value: FieldValue) -> str:
    """The value as a CRM's text: None empty, booleans in lower case, whole numbers without .0."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldMapping:
    """CRM property → template, and per property how a value becomes what the CRM wants.

    A converter that returns None leaves the property out.
    """

    templates: Mapping[str, Template] = field(default_factory=dict)
    converters: Mapping[str, Converter] = field(default_factory=dict)

    @classmethod
    def merged(
        cls,
        defaults: Mapping[str, str],
        overrides: Mapping[str, str],
        *,
        converters: Mapping[str, Converter] | None = None,
        reserved: Iterable[str] = (),
    ) -> "FieldMapping":
        """The connector's default mapping with the operator's ``mapping`` over it.

        ``""`` takes a default away. ``reserved`` properties are the connector's own business.

        Raises:
            ValueError: a bad template, or a reserved property; the message names the property.
        """
        check_reserved(overrides, reserved)
        texts = {name: text for name, text in {**defaults, **overrides}.items() if text}
        return cls(
            templates={name: _parse_for(name, text) for name, text in texts.items()},
            converters=converters or {},
        )

    def render(self, item: PushItem) -> dict[str, FieldValue]:
        """The properties for one company; ``item.properties`` win, and ``""`` takes one away."""
        rendered = {
            name: self._convert(name, template.render(item.fields))
            for name, template in self.templates.items()
        }
        merged: dict[str, FieldValue] = {**rendered, **item.properties}
        return {name: value for name, value in merged.items() if value is not None and value != ""}

    def _convert(self, name: str, value: FieldValue) -> FieldValue:
        converter = self.converters.get(name)
        return value if converter is None or value is None else converter(value)


def check_reserved(names: Iterable[str], reserved: Iterable[str]) -> None:
    """See that nobody maps what the connector itself writes.

    Raises:
        ValueError: names the first reserved property that was mapped.
    """
    taken = frozenset(reserved)
    for name in names:
        if name in taken:
            raise ValueError(f"mapping.{name}: written by the connector itself; leave it out")


def _parse_for(name: str, text: str) -> Template:
    try:
        return Template.parse(text)
    except ValueError as error:
        raise ValueError(f"mapping.{name}: {error}") from None
