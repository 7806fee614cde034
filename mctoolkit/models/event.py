"""Event: one request body, valid or not."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mctoolkit._core import display, json_io
from mctoolkit._core.errors import InputError, UsageError, error_reason
from mctoolkit._core.messages import gettext as _

__all__ = ["Event"]


class Event:
    """One request body: a JSON value, or bytes that are not JSON.

    An Event is not validated; see :func:`mctoolkit.validate`. The typed attributes (``type``, ``params``,
    ``playhead_s``, ...) are None or empty when the body does not have them, or has them with a wrong type.

    Parameters
    ----------
    body : object
        A dict or any other JSON value; JSON text as ``str``; ``bytes``; a ``Path`` to a file; or another Event. Text
        and bytes are kept exactly, also when they are not JSON.

    Raises
    ------
    InputError
        The file cannot be read.
    UsageError
        The body is ``...``.

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
            raise UsageError(_("An Event needs a body, not the placeholder '...'."))
        else:
            self._value = body
        if self._raw is not None and not isinstance(body, Event):
            self._value = json_io.read(self._raw)

    @classmethod
    def parsed(cls, raw: bytes | None, value: Any) -> Event:
        """Return the event of bytes that are already parsed.

        Parameters
        ----------
        raw : bytes or None
            The bytes; None when only the value is known.
        value : object
            The result of :func:`mctoolkit._core.json_io.read` for these bytes.

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
        """The JSON value of the body, or a :class:`mctoolkit._core.json_io.NotJson` with the reason."""
        return self._value

    @property
    def raw(self) -> bytes | None:
        """The bytes that the event was made from; None when it was made from a value."""
        return self._raw

    @property
    def type(self) -> str | None:
        """The member ``eventType``, or None when it is not text."""
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
        """The playhead in seconds, or None when it is not a number."""
        found = self._member("playerTime").get("playhead")
        return found if isinstance(found, int | float) and not isinstance(found, bool) else None

    @property
    def ts_ms(self) -> int | None:
        """The ``ts`` in milliseconds since 1970, or None when it is not a whole number."""
        found = self._member("playerTime").get("ts")
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def to_bytes(self) -> bytes:
        """Return the body as it is sent.

        Raises
        ------
        InputError
            The body is a value that cannot be written as JSON, such as a set.
        """
        return self._raw if self._raw is not None else json_io.write(self._value)

    def to_text(self) -> str:
        """Return the body as text, JSON indented. Identifiers are not hidden."""
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
