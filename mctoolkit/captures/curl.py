"""Commands of curl in a text: of bash (browsers call it POSIX), and of cmd.exe with its carets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mctoolkit._core import json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit.captures.detect import LONGEST_LINE, Stream
from mctoolkit.captures.har import UnparseableEntry, address_of, is_ours
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest

__all__ = ["calls_of_commands"]

_BODY_OPTIONS = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_WITH_VALUE = frozenset(
    {"-H", "--header", "-X", "--request", "-o", "--output", "-A", "--user-agent", "-b", "--cookie", "-e", "--referer"}
    | {"-u", "--user", "-x", "--proxy", "--noproxy", "-m", "--max-time", "--connect-timeout", "-w", "--write-out"}
    | {"--cacert", "-E", "--cert", "--key", "-c", "--cookie-jar", "--retry", "-F", "--form"}
)
_STOPS = frozenset({";", "|", "&", "<", ">"})
_START = re.compile(r"(?m)^[ \t$>]*(?=(?:curl(?:\.exe)?|printf)[ \t])")
_BASH = re.compile(
    r"""\$'(?P<ansi>(?:[^'\\]|\\.)*)'|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)"""
    r"""|(?P<space>\s+)|(?P<stop>[;|&<>])|(?P<plain>[^\s'"\\$;|&<>]+|\$)|(?P<open>.)""",
    re.DOTALL,
)
_IN_DOUBLE = re.compile(r"\\([\"\\$`\n])")
_C_RUNTIME = re.compile(r'(?P<slashes>\\*)"|(?P<space>\s+)|(?P<plain>\\+|[^\\"\s]+)')
_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_PRINTF = re.compile(rb"\\([0-7]{1,3})|\\([!-~])|%%")
_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}


def calls_of_commands(stream: Stream, tally: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    """Go through the commands of a text; none of them has a response or a time."""
    text = stream.head(LONGEST_LINE).decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    starts = [found.end() for found in _START.finditer(text)]
    for number, (begin, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
        tally.requests += 1
        try:
            call = _call(text[begin:end].strip(), number, tally)
        except UnparseableEntry as why:
            tally.note_unreadable(number, str(why), source)
            continue
        if call is None:
            tally.count_other("other")
        else:
            yield call


def _call(command: str, number: int, tally: CaptureStats) -> CapturedRequest | None:
    words, piped = _words(command)
    url, method, bodies = "", "", list[bytes]()
    headers: list[tuple[str, str]] = []
    missing = False
    rest = iter(words)
    for word in rest:
        name, glued, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if word[:2] in ("-d", "-H", "-X") and len(word) > 2:
            name, glued, value = word[:2], "=", word[2:]
        if name in _BODY_OPTIONS or name in _WITH_VALUE or name == "--url":
            value = value if glued else next(rest, "")
        if name in _BODY_OPTIONS:
            if value.startswith("@") and name != "--data-raw":
                missing = missing or value != "@-" or piped is None
                bodies += [piped] if value == "@-" and piped is not None else []
            else:
                bodies.append(value.encode("utf-8", "surrogateescape"))
        elif name in ("-H", "--header"):
            key, _unused, content = value.partition(":")
            headers.append((key.strip(), content.strip()))
        elif name in ("-X", "--request"):
            method = value.upper()
        elif name == "--url" or not word.startswith("-"):
            url = url or (value if name == "--url" else word)
    if not url:
        raise UnparseableEntry(_("this command has no address"))
    url = url if "://" in url else f"http://{url}"  # as curl does
    method = method or ("POST" if bodies or missing else "GET")
    address = address_of(url, method)
    raw = b"&".join(bodies) if bodies else b"" if method == "GET" else None
    value_of_body = json_io.read(raw) if raw is not None else NO_BODY
    if address.protocol != "api" and not (address.protocol == "maybe" and is_ours(value_of_body)):
        return None
    if raw is None:
        tally.without_body += 1
    return CapturedRequest(
        number,
        address.endpoint,
        value_of_body,
        raw,
        session_id=address.session_id,
        host=address.host,
        url=url,
        secure=address.secure,
        method=method,
        request_headers=tuple(headers),
    )


def _words(command: str) -> tuple[list[str], bytes | None]:
    """Take a command apart as its shell would; also what is piped into it by printf."""
    first = re.search(r"['\"]", command)
    is_cmd = first is not None and first[0] == '"' and (command[first.start() - 1] == "^" or " ^\n" in command)
    words = _c_words(_without_carets(command)) if is_cmd else _bash_words(command)
    piped = None
    if words[:1] == ["printf"] and "|" in words:
        at = words.index("|")
        piped = _PRINTF.sub(_printed, words[1].encode("utf-8", "surrogateescape") if at > 1 else b"")
        words = words[at + 1 :]
    for stop in _STOPS.intersection(words):
        words = words[: words.index(stop)] if stop in words else words
    return words[1:], piped


def _bash_words(command: str) -> list[str]:
    words: list[str] = []
    word: str | None = None
    for found in _BASH.finditer(command):
        kind = found.lastgroup or "open"
        text = found[kind]
        if kind == "open":
            raise UnparseableEntry(_("a quote of this command has no end; copy it once more as cURL (bash)"))
        if kind in ("space", "stop"):
            words += [word] if word is not None else []
            words += [text] if kind == "stop" else []
            word = None
            continue
        if kind == "escaped" and text == "\n":
            continue
        if kind == "ansi":
            text = _ESCAPE.sub(_unescaped, text)
        elif kind == "double":
            text = _IN_DOUBLE.sub(lambda escape: escape[1].strip("\n"), text)
        word = (word or "") + text
    return [*words, word] if word is not None else words


def _without_carets(command: str) -> str:
    """Return what cmd.exe hands over: a caret stands for what follows, except between quotes."""
    pieces: list[str] = []
    quoted = False
    letters = iter(command)
    for letter in letters:
        if letter == "^" and not quoted:
            pieces.append(next(letters, "").replace("\n", " "))
            continue
        quoted ^= letter == '"'
        pieces.append(letter)
    return "".join(pieces)


def _c_words(line: str) -> list[str]:
    """Take a line apart as the C library does that curl.exe is built with: backslashes count before a quote only."""
    words: list[str] = []
    word: str | None = None
    quoted = False
    for found in _C_RUNTIME.finditer(line):
        if found["slashes"] is not None:
            half, odd = divmod(len(found["slashes"]), 2)
            word = (word or "") + "\\" * half + ('"' if odd else "")
            quoted ^= not odd
        elif found["space"] is not None and not quoted:
            words += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + found[0]
    return [*words, word] if word is not None else words


def _printed(found: re.Match[bytes]) -> bytes:
    if found[1] is not None:
        return bytes([int(found[1], 8) & 0xFF])
    return b"%" if found[2] is None else _LETTERS.get(found[2].decode(), found[2].decode()).encode()


def _unescaped(found: re.Match[str]) -> str:
    for digits, base in ((found[1], 16), (found[2], 16), (found[3], 16), (found[4], 8)):
        if digits is not None:
            code = int(digits, base)
            return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _LETTERS.get(found[5], found[5])
