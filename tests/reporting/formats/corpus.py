"""Bodies with characters that have a meaning in some shell or language."""

from __future__ import annotations

from typing import Any

from mctoolkit import Event
from mctoolkit.simulation import presets

NOW_MS = 1_795_421_642_789

TEXTS = [
    "plain",
    "it's",
    "''",
    "'",
    'say "hi"',
    '"',
    "`whoami`",
    "$HOME $(whoami) ${PATH}",
    "100% %PATH% %PATH:a=b% %%",
    "%",
    "^caret^ ^",
    "a & b && c",
    "a | b || c ; d",
    "< in > out >> more",
    "wow! !! !$",
    "back\\slash",
    "\\",
    "\\\\",
    '\\"',
    "\\'",
    "ends in \\",
    "C:\\new\\table\\0",
    "line\nbreak",
    "\r\n\t\b\f",
    "\x00\x1f\x7f",
    "é ü ñ Ĳ",
    "🎬 👩‍👩‍👧",
    "‘single’ ‚low‛ “double” „low”",
    "\u2028\u2029\u00a0\ufeff",
    "@file",
    "-d --data",
    "#no comment",
    "~ * ? [a-z] {a,b}",
    "(a) {b}",
    "''' \"\"\"",
    "\\u0041 \\x41 \\n",
    "{0} {name} %s %d",
    "<script>alert(1)</script>",
    " spaces  ",
    "rem : :: @echo off",
]


def body_with(text: str) -> dict[str, Any]:
    """Return a valid body with a text as a value in params and in customMetadata."""
    body: dict[str, Any] = presets.preset("vod", NOW_MS).value
    body["params"]["media.name"] = text
    body["customMetadata"] = {"label": text}
    return body


EVENTS: dict[str, object] = {f"text {text!r}": body_with(text) for text in TEXTS}
EVENTS |= {f"text alone {text!r}": text for text in TEXTS}
EVENTS |= {f"pretty {text!r}": Event(body_with(text)).to_text() for text in TEXTS}
EVENTS |= {
    "empty object": {},
    "no body": b"",
    "errors": {"eventType": "sessionStart", "params": {"media.length": "60"}},
    "NaN": {"params": {"media.length": float("nan"), "a": [float("inf"), -float("inf")]}},
    "all kinds": {
        "a": None,
        "b": True,
        "c": False,
        "d": 1,
        "e": 1.0,
        "f": -0.0,
        "g": 1e16,
        "h": 1e-7,
        "i": [],
        "j": {},
    },
    "large number": {"ts": 2**70},
    "lone surrogate": {"a": "\ud800"},
    "not a dict": [1, {"a": "b"}],
    "JSON string": '"x"',
    "trailing comma": '{"a": 1,}',
    "many lines": '{\n  "a": "it\'s",\n  "b": "wow!"\n',
    "many lines with !": '{\n  "a": 1,\n  "b": "!$ !! !a"\n}',
    "windows lines": '{\r\n  "a": 1\r\n}\r\n',
    "tabs": '{\n\t"a": 1\n}',
    "duplicate key": '{"a": 1, "a": 2}',
    "number formats": '{"a": 1.50, "b": 1E3, "c": "\\u0041"}',
    "three quotes": 'a\n"""\nb',
    "final quote": 'a\n"b"',
    "final backslash": "a\nb\\",
    "byte order mark": b"\xef\xbb\xbf{}",
    "not UTF-8": b'{"a": "\xe9\xff"}',
    "UTF-16": "{}".encode("utf-16"),
    "all bytes": bytes(range(256)),
    "deep": b'{"a":' * 60 + b"1" + b"}" * 60,
    "long": {"a": "x" * 9000},
    "very long": {"a": "it's 100% \\" * 20_000},
}
