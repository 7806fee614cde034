"""Cut a JSON document of any size into the elements of its list of entries, holding one element at a time.

A reader that builds values would hold the body of every response, and would give up at the first slip. This one only
follows quotes and brackets: an entry that is broken inside costs that entry alone, and nesting costs a counter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

__all__ = ["LONGEST_ENTRY", "LONGEST_TEXT", "JsonArrayStream"]

LONGEST_TEXT = 4 * 2**20
"""Bytes of one text; of a longer one (the body of some answer) about as much is kept."""

LONGEST_ENTRY = 16 * 2**20
"""Bytes of one entry; a longer one is given as far as it was kept, which is no whole JSON."""

_FLAT = re.compile(rb'[^"{}\[\]]*+(?:"[^"]*+"[^"{}\[\]]*+)*+')
"""Everything up to the next bracket; texts only when they end. Escaped quotes are blotted out before."""

_WITHIN = re.compile(rb'[^"{}]*+(?:(?:"[^"]*+"|\{[^"{}]*+(?:"[^"]*+"[^"{}]*+)*+\})[^"{}]*+)*+')
"""The same within an element, where square brackets need no count, and past every object that has none in it."""

_LONGEST_ESCAPE = 6
_KEY_OF_LIST = re.compile(rb'"entries"\s*:\s*\Z')
_KEY_BYTES = 64
_DEEPEST_LIST = 2
_QUOTE, _OPEN_OBJECT, _OPEN_LIST = b'"{['


class JsonArrayStream:
    """Iterate over the elements, as bytes, of ``log.entries``, or of the list that the document is.

    Parameters
    ----------
    chunks : iterable of bytes
        The document.

    Attributes
    ----------
    found : bool
        Whether there is such a list.
    ended : bool
        Whether the list has an end; without one the document was cut off.

    Examples
    --------
    >>> cutter = JsonArrayStream([b'{"log": {"entries": [{"a": "}"}, {"b', b'": []}, {"c"'])
    >>> list(cutter), cutter.found, cutter.ended
    ([b'{"a": "}"}', b'{"b": []}'], True, False)
    """

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.found = self.ended = False
        self._chunks = iter(chunks)
        self._held = b""  # the beginning of an escape whose end is in the next chunk
        self._buffer = b""
        self._blotted = b""  # as long as the buffer, without escaped quotes
        self._at = 0

    def __iter__(self) -> Iterator[bytes]:
        self.found = self._enter_list()
        if not self.found:
            return
        depth = size = 0
        kept: list[bytes] = []  # of this element, what no longer lies in the buffer
        begin = self._at
        passing = _FLAT
        while True:
            bracket = self._bracket(passing if depth else _FLAT)
            if bracket is None:
                if depth and size < LONGEST_ENTRY:
                    kept.append(self._buffer[begin : self._at])
                    size += len(kept[-1])
                begin = 0
                if not self._more():
                    return
            elif bracket in (_OPEN_OBJECT, _OPEN_LIST):
                if not depth:
                    begin = self._at - 1
                    passing = _WITHIN if bracket == _OPEN_OBJECT else _FLAT
                depth += 1
            elif not depth:
                self.ended = True
                return
            else:
                depth -= 1
                if not depth:
                    kept.append(self._buffer[begin : self._at])
                    yield b"".join(kept)
                    kept, size = [], 0

    def _enter_list(self) -> bool:
        """Go to the first element: behind ``[`` of the document, or of a key ``entries`` in it or one level below."""
        depth = 0
        before = b""
        while True:
            begin = self._at
            bracket = self._bracket(_FLAT)
            before = (before + self._buffer[max(begin, self._at - _KEY_BYTES) : self._at])[-_KEY_BYTES:]
            if bracket is None:
                if not self._more():
                    return False
                continue
            if bracket == _OPEN_LIST and (not depth or (depth <= _DEEPEST_LIST and _KEY_OF_LIST.search(before[:-1]))):
                return True
            depth += 1 if bracket in (_OPEN_OBJECT, _OPEN_LIST) else -1
            if depth <= 0:
                return False
            before = b""

    def _bracket(self, passing: re.Pattern[bytes]) -> int | None:
        """Go behind the next bracket and return it; where none is in sight, go as far as all is known."""
        found = passing.match(self._blotted, self._at)
        self._at = found.end() if found else self._at
        if self._at == len(self._buffer) or self._buffer[self._at] == _QUOTE:
            return None
        self._at += 1
        return self._buffer[self._at - 1]

    def _more(self) -> bool:
        """Let go of what lies behind, and add a chunk; one that lies within a text that is too long is left out."""
        self._buffer, self._blotted, self._at = self._buffer[self._at :], self._blotted[self._at :], 0
        for chunk in self._chunks:
            chunk = self._held + chunk
            backslashes = len(chunk) - len(chunk.rstrip(b"\\"))
            self._held = chunk[-1:] if backslashes % 2 else b""
            chunk = chunk.removesuffix(self._held)
            blotted = chunk
            if b"\\" in chunk:
                blotted = chunk.replace(b"\\\\", b"..").replace(b'\\"', b"..")
            if len(self._buffer) > LONGEST_TEXT and b'"' not in blotted:
                self._end_before_escape()
                continue
            self._buffer += chunk
            self._blotted += blotted
            return True
        return False

    def _end_before_escape(self) -> None:
        """Take half an escape off the end of the buffer, because what followed it is left out."""
        cut = self._blotted.rfind(b"\\", len(self._blotted) - _LONGEST_ESCAPE)
        if cut >= 0:
            self._buffer, self._blotted = self._buffer[:cut], self._blotted[:cut]
