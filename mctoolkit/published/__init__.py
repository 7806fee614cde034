"""The schemas that a real host serves: read, compared with ours in words, and used in place of ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mctoolkit import texts
from mctoolkit.facts import catalog, schemas
from mctoolkit.markup import Markup, escape, join, style, table
from mctoolkit.published.differences import SchemaDifference, schema_differences
from mctoolkit.published.reading import PublishedSchema, read_schema

__all__ = ["LiveSchemas", "PublishedSchema", "SchemaDifference", "read_schema", "schema_differences"]


class LiveSchemas(Mapping[str, dict[str, Any]]):
    """The schemas of a host, by event type: a mapping that ``validate(body, schemas=...)`` takes.

    Parameters
    ----------
    host : str
        Where they came from, as people may see it.
    read : sequence of PublishedSchema
        Those that could be read.
    missing : Mapping
        The event types without one, each with the reason in words.

    Examples
    --------
    >>> from mctoolkit.wire import write
    >>> ours = schemas.schema("ping")
    >>> live = LiveSchemas("company.hb-api.omtrdc.net", [read_schema("ping", write(ours))], {})
    >>> live.differences, list(live)
    ((), ['ping'])
    """

    def __init__(self, host: str, read: list[PublishedSchema], missing: Mapping[str, str]) -> None:
        self.host = host
        self.read = tuple(read)
        self.missing = dict(missing)
        self._by_event = {schema.event: schema.document for schema in read}

    def __getitem__(self, event: str) -> dict[str, Any]:
        return self._by_event[event]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_event)

    def __len__(self) -> int:
        return len(self._by_event)

    @property
    def differences(self) -> tuple[SchemaDifference, ...]:
        """How they differ from ours, event type by event type in the order of a viewing."""
        return tuple(
            difference
            for event in catalog.event_types()
            if event in self._by_event
            for difference in schema_differences(event, schemas.schema(event), self._by_event[event])
        )

    @property
    def notes(self) -> tuple[tuple[str, str], ...]:
        """What was odd about the documents as they came: event type and words."""
        return tuple((schema.event, note) for schema in self.read for note in schema.notes)

    @property
    def summary(self) -> str:
        """How many were read and how many differences there are, in a sentence."""
        read = texts.count("published.summary.read", len(self.read), host=self.host)
        if not self.read:
            return read
        differing = len(self.differences)
        same = texts.say("published.summary.same")
        return f"{read} {texts.count('published.summary.differ', differing) if differing else same}"

    def __str__(self) -> str:
        lines = [self.summary]
        lines += [f"- {found.event}: {found.words}" for found in self.differences]
        lines += [f"- {event}: {note}" for event, note in self.notes]
        lines += [f"- {event}: {reason}" for event, reason in self.missing.items()]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [Markup("<p>{}</p>").format(self.summary)]
        if self.differences:
            rows = [(found.event, _code(found.where), found.words) for found in self.differences]
            header = [texts.say(f"published.column.{name}") for name in ("event", "where", "words")]
            parts.append(table(texts.say("published.caption.differences"), header, rows))
        for name, found in (("notes", self.notes), ("missing", tuple(self.missing.items()))):
            if found:
                header = [texts.say(f"published.column.{column}") for column in ("event", "words")]
                parts.append(table(texts.say(f"published.caption.{name}"), header, found))
        return str(Markup('{}<div class="mct">{}</div>').format(style(), join(parts)))


def _code(text: str) -> Markup:
    return Markup("<code>{}</code>").format(escape(text))
