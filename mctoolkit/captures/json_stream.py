"""Split the array of entries in a JSON document of any size into its elements, one element in memory at a time.

A JSON parser would hold the body of every response and stop at the first syntax error. This one only follows quotes
and brackets: a broken entry does not affect the next one, and nesting costs a counter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["MAX_ELEMENT_BYTES", "MAX_STRING_BYTES", "JsonArrayStream"]

MAX_STRING_BYTES = 4 * 2**20
"""The longest string, in bytes; of a longer one, such as the body of a response, about as much is kept."""

MAX_ELEMENT_BYTES = 16 * 2**20
"""The longest element, in bytes; a longer one is cut, so that it is not valid JSON."""

_UNTIL_BRACKET = re.compile(rb'[^"{}\[\]]*+(?:"[^"]*+"[^"{}\[\]]*+)*+')
"""Everything up to the next bracket; an unclosed string does not match. Escaped quotes are masked before."""

_UNTIL_BRACE = re.compile(rb'[^"{}]*+(?:(?:"[^"]*+"|\{[^"{}]*+(?:"[^"]*+"[^"{}]*+)*+\})[^"{}]*+)*+')
"""Everything up to the next brace of a nested object; skips square brackets and objects without nested objects."""

_MAX_ESCAPE_BYTES = 6
_ENTRIES_KEY = re.compile(rb'"entries"\s*:\s*\Z')
_KEY_BYTES = 64
_MAX_ARRAY_DEPTH = 2
_QUOTE, _OPEN_OBJECT, _OPEN_ARRAY = b'"{['


class JsonArrayStream:
    """Iterate over the elements, as bytes, of ``log.entries``, or of the array at the top of the document.

    Parameters
    ----------
    chunks : iterable of bytes
        The document.

    Attributes
    ----------
    has_array : bool
        Whether there is such an array.
    is_complete : bool
        Whether the array is closed; if not, the document is cut off.

    Examples
    --------
    >>> elements = JsonArrayStream([b'{"log": {"entries": [{"a": "}"}, {"b', b'": []}, {"c"'])
    >>> list(elements), elements.has_array, elements.is_complete
    ([b'{"a": "}"}', b'{"b": []}'], True, False)
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.has_array = self.is_complete = False
        self._chunks = iter(chunks)
        self._partial_escape = b""  # continues in the next chunk
        self._buffer = b""
        self._masked = b""  # the buffer with escaped quotes replaced
        self._at = 0

    def __iter__(self) -> Iterator[bytes]:
        self.has_array = self._enter_array()
        if not self.has_array:
            return
        depth = size = 0
        parts: list[bytes] = []  # of this element, what has left the buffer
        begin = self._at
        pattern = _UNTIL_BRACKET
        while True:
            bracket = self._next_bracket(pattern if depth else _UNTIL_BRACKET)
            if bracket is None:
                if depth and size < MAX_ELEMENT_BYTES:
                    parts.append(self._buffer[begin : self._at])
                    size += len(parts[-1])
                begin = 0
                if not self._read_chunk():
                    return
            elif bracket in (_OPEN_OBJECT, _OPEN_ARRAY):
                if not depth:
                    begin = self._at - 1
                    pattern = _UNTIL_BRACE if bracket == _OPEN_OBJECT else _UNTIL_BRACKET
                depth += 1
            elif not depth:
                self.is_complete = True
                return
            else:
                depth -= 1
                if not depth:
                    parts.append(self._buffer[begin : self._at])
                    yield b"".join(parts)
                    parts, size = [], 0

    def _enter_array(self) -> bool:
        """Move behind the ``[`` of the document, or of a key ``entries`` in it or one level below."""
        depth = 0
        before = b""
        while True:
            begin = self._at
            bracket = self._next_bracket(_UNTIL_BRACKET)
            before = (before + self._buffer[max(begin, self._at - _KEY_BYTES) : self._at])[-_KEY_BYTES:]
            if bracket is None:
                if not self._read_chunk():
                    return False
                continue
            if bracket == _OPEN_ARRAY and (
                not depth or (depth <= _MAX_ARRAY_DEPTH and _ENTRIES_KEY.search(before[:-1]))
            ):
                return True
            depth += 1 if bracket in (_OPEN_OBJECT, _OPEN_ARRAY) else -1
            if depth <= 0:
                return False
            before = b""

    def _next_bracket(self, pattern: re.Pattern[bytes]) -> int | None:
        """Move behind the next bracket and return it; None if more data is needed."""
        match = pattern.match(self._masked, self._at)
        self._at = match.end() if match else self._at
        if self._at == len(self._buffer) or self._buffer[self._at] == _QUOTE:
            return None
        self._at += 1
        return self._buffer[self._at - 1]

    def _read_chunk(self) -> bool:
        """Drop what is parsed and add a chunk, skipping chunks inside a string that is too long."""
        self._buffer, self._masked, self._at = self._buffer[self._at :], self._masked[self._at :], 0
        for chunk in self._chunks:
            chunk = self._partial_escape + chunk
            backslashes = len(chunk) - len(chunk.rstrip(b"\\"))
            self._partial_escape = chunk[-1:] if backslashes % 2 else b""
            chunk = chunk.removesuffix(self._partial_escape)
            masked = chunk
            if b"\\" in chunk:
                masked = chunk.replace(b"\\\\", b"..").replace(b'\\"', b"..")
            if len(self._buffer) > MAX_STRING_BYTES and b'"' not in masked:
                self._drop_partial_escape()
                continue
            self._buffer += chunk
            self._masked += masked
            return True
        return False

    def _drop_partial_escape(self) -> None:
        """Remove an escape at the end of the buffer whose rest is skipped."""
        start = self._masked.rfind(b"\\", len(self._masked) - _MAX_ESCAPE_BYTES)
        if start >= 0:
            self._buffer, self._masked = self._buffer[:start], self._masked[:start]
