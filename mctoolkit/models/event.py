"""Event: one body of the API, as it is, also a broken one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mctoolkit._core import display, json_io
from mctoolkit._core.errors import InputError, UsageError, error_reason
from mctoolkit._core.messages import gettext as _

__all__ = ["Event"]


class Event:
    """One body of the API: a JSON value, or bytes that are none.

    Nothing is checked or mended here: :func:`mctoolkit.validate` says what is wrong. The typed views (``type``,
    ``params``, ``playhead_s``, ...) are None or empty where the body does not have them in a usable form.

    Parameters
    ----------
    body : object
        A dict (or any other JSON value), kept as it is; JSON text as ``str``; ``bytes``; a ``Path`` to a file; or
        another Event. Text and bytes are kept to the byte, also when they are not JSON.

    Raises
    ------
    InputError
        The file cannot be read.

    Examples
    --------
    >>> event = Event({"eventType": "sessionStart", "params": {"media.id": "x"}})
    >>> event.type, event.params["media.id"], event.ts_ms
    ('sessionStart', 'x', None)
    >>> event.to_bytes()
    b'{"eventType":"sessionStart","params":{"media.id":"x"}}'
    """

    __slots__ = ("_raw", "_value")

    def __init__(self, body: object) -> None:
        self._raw: bytes | None = None
        self._value: Any = None
        if type(body) is dict:
            self._value = body
        elif isinstance(body, Event):
            self._raw, self._value = body._raw, body._value
        elif isinstance(body, str):
            self._raw = body.encode("utf-8", "surrogatepass")
        elif isinstance(body, bytes | bytearray | memoryview):
            self._raw = bytes(body)
        elif isinstance(body, Path):
            self._raw = _read_file(body)
        elif body is ...:
            raise UsageError(_("An Event needs a body, but ... only holds its place."))
        else:
            self._value = body
        if self._raw is not None and not isinstance(body, Event):
            self._value = json_io.read(self._raw)

    @classmethod
    def parsed(cls, raw: bytes | None, value: Any) -> Event:
        """Return the event of bytes that have been parsed already, so that nobody parses them again.

        Parameters
        ----------
        raw : bytes or None
            The bytes; None where only the value is known.
        value : object
            What :func:`mctoolkit._core.json_io.read` returned for them.

        Examples
        --------
        >>> Event.parsed(b'{"eventType": "ping"}', {"eventType": "ping"}).type
        'ping'
        """
        event = cls.__new__(cls)
        event._raw, event._value = raw, value
        return event

    @property
    def value(self) -> Any:
        """The JSON value of the body, or a :class:`mctoolkit._core.json_io.NotJson` that says why there is none."""
        return self._value

    @property
    def raw(self) -> bytes | None:
        """The bytes as they were handed over, or None when a value was handed over."""
        return self._raw

    @property
    def type(self) -> str | None:
        """The member ``eventType``, where it is a text."""
        found = self._object().get("eventType")
        return found if isinstance(found, str) else None

    @property
    def params(self) -> Mapping[str, Any]:
        """The member ``params``, or an empty mapping."""
        return self._member("params")

    @property
    def custom_metadata(self) -> Mapping[str, Any]:
        """The member ``customMetadata``, or an empty mapping."""
        return self._member("customMetadata")

    @property
    def qoe_data(self) -> Mapping[str, Any]:
        """The member ``qoeData``, or an empty mapping."""
        return self._member("qoeData")

    @property
    def playhead_s(self) -> float | None:
        """The playhead in seconds, where it is a number."""
        found = self._member("playerTime").get("playhead")
        return found if isinstance(found, int | float) and not isinstance(found, bool) else None

    @property
    def ts_ms(self) -> int | None:
        """The time stamp in milliseconds since 1970, where it is a whole number."""
        found = self._member("playerTime").get("ts")
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def to_bytes(self) -> bytes:
        """Return the body as it goes over the wire.

        Raises
        ------
        InputError
            The body was handed over as a value that cannot be written as JSON at all, such as a set.
        """
        return self._raw if self._raw is not None else json_io.write(self._value)

    def to_text(self) -> str:
        """Return the body for people, on indented lines where it is JSON; nothing is hidden."""
        if isinstance(self._value, json_io.NotJson):
            return self.to_bytes().decode("utf-8", "replace")
        return json_io.pretty(self._value)

    def _object(self) -> Mapping[str, Any]:
        return self._value if isinstance(self._value, Mapping) else {}

    def _member(self, name: str) -> Mapping[str, Any]:
        found = self._object().get(name)
        return found if isinstance(found, Mapping) else {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Event) and self._raw == other._raw and self._value == other._value

    __hash__ = None  # type: ignore[assignment]  # a body can be a dict

    def __repr__(self) -> str:
        if isinstance(self._value, json_io.NotJson):
            return f"Event(not JSON, {len(self._raw or b'')} bytes)"
        return f"Event({self.type or 'no eventType'}, {len(self.params)} params)"

    def _repr_html_(self) -> str:
        return display.to_html(self)


def _read_file(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(
            _("Cannot read the file {path}: {reason}. Check the name and the folder.").format(
                path=path, reason=error_reason(error)
            )
        ) from None
