"""Parse curl commands: bash syntax (browsers call it POSIX), and cmd.exe syntax with carets."""

from __future__ import annotations

import re
from collections.abc import Iterator

from mctoolkit._core import json_io
from mctoolkit._core.messages import gettext as _
from mctoolkit.captures.detect import MAX_LINE_BYTES, CaptureStream
from mctoolkit.captures.har import UnparseableEntry, is_api_body, parse_url
from mctoolkit.captures.stats import CaptureStats
from mctoolkit.models.captured_request import NO_BODY, CapturedRequest

__all__ = ["parse_curl_commands"]

_BODY_OPTIONS = frozenset({"-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--json"})
_OPTIONS_WITH_VALUE = frozenset(
    {"-H", "--header", "-X", "--request", "-o", "--output", "-A", "--user-agent", "-b", "--cookie", "-e", "--referer"}
    | {"-u", "--user", "-x", "--proxy", "--noproxy", "-m", "--max-time", "--connect-timeout", "-w", "--write-out"}
    | {"--cacert", "-E", "--cert", "--key", "-c", "--cookie-jar", "--retry", "-F", "--form"}
)
_SHELL_OPERATORS = frozenset({";", "|", "&", "<", ">"})
_COMMAND_START = re.compile(r"(?m)^[ \t$>]*(?=(?:curl(?:\.exe)?|printf)[ \t])")
_BASH_TOKEN = re.compile(
    r"""\$'(?P<ansi_c>(?:[^'\\]|\\.)*)'|'(?P<single>[^']*)'|"(?P<double>(?:[^"\\]|\\.)*)"|\\(?P<escaped>.)"""
    r"""|(?P<space>\s+)|(?P<operator>[;|&<>])|(?P<plain>[^\s'"\\$;|&<>]+|\$)|(?P<unclosed>.)""",
    re.DOTALL,
)
_DOUBLE_QUOTED_ESCAPE = re.compile(r"\\([\"\\$`\n])")
_C_RUNTIME_TOKEN = re.compile(r'(?P<slashes>\\*)"|(?P<space>\s+)|(?P<plain>\\+|[^\\"\s]+)')
_ANSI_C_ESCAPE = re.compile(r"\\(?:u([0-9A-Fa-f]{1,4})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)
_PRINTF_ESCAPE = re.compile(rb"\\([0-7]{1,3})|\\([!-~])|%%")
_ESCAPED_LETTERS = {"n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b"}


def parse_curl_commands(stream: CaptureStream, stats: CaptureStats, source: str) -> Iterator[CapturedRequest]:
    r"""Yield the API requests of all commands; they have neither a time nor a response.

    Examples
    --------
    >>> text = b"curl https://company.hb-api.omtrdc.net/api/v1/sessions/7f3a/events -d '{\"eventType\": \"ping\"}'"
    >>> [request.session_id for request in parse_curl_commands(CaptureStream(text), CaptureStats(), "")]
    ['7f3a']
    """
    text = stream.read_start(MAX_LINE_BYTES).decode("utf-8", "surrogateescape").replace("\r\n", "\n")
    starts = [match.end() for match in _COMMAND_START.finditer(text)]
    for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(text)], strict=True), 1):
        stats.requests += 1
        try:
            request = _parse_command(text[start:end].strip(), number, stats)
        except UnparseableEntry as error:
            stats.note_unreadable(number, str(error), source)
            continue
        if request is None:
            stats.count_other("other")
        else:
            yield request


def _parse_command(command: str, number: int, stats: CaptureStats) -> CapturedRequest | None:
    """Parse one command; None if it does not send to the API."""
    arguments, piped = _split_command(command)
    url, method, bodies = "", "", list[bytes]()
    headers: list[tuple[str, str]] = []
    is_body_missing = False
    rest = iter(arguments)
    for argument in rest:
        name, has_value, value = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        if argument[:2] in ("-d", "-H", "-X") and len(argument) > 2:
            name, has_value, value = argument[:2], "=", argument[2:]
        if name in _BODY_OPTIONS or name in _OPTIONS_WITH_VALUE or name == "--url":
            value = value if has_value else next(rest, "")
        if name in _BODY_OPTIONS:
            if value.startswith("@") and name != "--data-raw":
                is_body_missing = is_body_missing or value != "@-" or piped is None
                bodies += [piped] if value == "@-" and piped is not None else []
            else:
                bodies.append(value.encode("utf-8", "surrogateescape"))
        elif name in ("-H", "--header"):
            key, _colon, content = value.partition(":")
            headers.append((key.strip(), content.strip()))
        elif name in ("-X", "--request"):
            method = value.upper()
        elif name == "--url" or not argument.startswith("-"):
            url = url or (value if name == "--url" else argument)
    if not url:
        raise UnparseableEntry(_("the command has no URL"))
    url = url if "://" in url else f"http://{url}"  # the default of curl
    method = method or ("POST" if bodies or is_body_missing else "GET")
    address = parse_url(url, method)
    raw = b"&".join(bodies) if bodies else b"" if method == "GET" else None
    body = json_io.read(raw) if raw is not None else NO_BODY
    if address.protocol != "api" and not (address.protocol == "maybe" and is_api_body(body)):
        return None
    if raw is None:
        stats.without_body += 1
    return CapturedRequest(
        number,
        address.endpoint,
        body,
        raw,
        session_id=address.session_id,
        host=address.host,
        url=url,
        secure=address.secure,
        method=method,
        request_headers=tuple(headers),
    )


def _split_command(command: str) -> tuple[list[str], bytes | None]:
    """Return the arguments of curl, split as its shell splits them, and the bytes that ``printf`` pipes into it."""
    quote = re.search(r"['\"]", command)
    is_cmd = quote is not None and quote[0] == '"' and (command[quote.start() - 1] == "^" or " ^\n" in command)
    words = _split_c_runtime(_remove_carets(command)) if is_cmd else _split_bash(command)
    piped = None
    if words[:1] == ["printf"] and "|" in words:
        pipe = words.index("|")
        piped = _PRINTF_ESCAPE.sub(_unescape_printf, words[1].encode("utf-8", "surrogateescape") if pipe > 1 else b"")
        words = words[pipe + 1 :]
    for operator in _SHELL_OPERATORS.intersection(words):
        words = words[: words.index(operator)] if operator in words else words
    return words[1:], piped


def _split_bash(command: str) -> list[str]:
    words: list[str] = []
    word: str | None = None
    for match in _BASH_TOKEN.finditer(command):
        kind = match.lastgroup or "unclosed"
        text = match[kind]
        if kind == "unclosed":
            raise UnparseableEntry(_("a quote is not closed. Copy the command again with Copy as cURL (bash)"))
        if kind in ("space", "operator"):
            words += [word] if word is not None else []
            words += [text] if kind == "operator" else []
            word = None
            continue
        if kind == "escaped" and text == "\n":
            continue
        if kind == "ansi_c":
            text = _ANSI_C_ESCAPE.sub(_unescape_ansi_c, text)
            text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")  # joins surrogate pairs
        elif kind == "double":
            text = _DOUBLE_QUOTED_ESCAPE.sub(lambda escape: escape[1].strip("\n"), text)
        word = (word or "") + text
    return [*words, word] if word is not None else words


def _remove_carets(command: str) -> str:
    """Return the command line that cmd.exe passes on: outside quotes, a caret escapes the next character."""
    pieces: list[str] = []
    is_quoted = False
    letters = iter(command)
    for letter in letters:
        if letter == "^" and not is_quoted:
            pieces.append(next(letters, "").replace("\n", " "))
            continue
        is_quoted ^= letter == '"'
        pieces.append(letter)
    return "".join(pieces)


def _split_c_runtime(line: str) -> list[str]:
    """Split a command line as the C runtime of curl.exe does: backslashes escape only before a quote."""
    words: list[str] = []
    word: str | None = None
    is_quoted = False
    for match in _C_RUNTIME_TOKEN.finditer(line):
        if match["slashes"] is not None:
            backslashes, is_escaped = divmod(len(match["slashes"]), 2)
            word = (word or "") + "\\" * backslashes + ('"' if is_escaped else "")
            is_quoted ^= not is_escaped
        elif match["space"] is not None and not is_quoted:
            words += [word] if word is not None else []
            word = None
        else:
            word = (word or "") + match[0]
    return [*words, word] if word is not None else words


def _unescape_printf(match: re.Match[bytes]) -> bytes:
    if match[1] is not None:
        return bytes([int(match[1], 8) & 0xFF])
    return b"%" if match[2] is None else _ESCAPED_LETTERS.get(match[2].decode(), match[2].decode()).encode()


def _unescape_ansi_c(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else _ESCAPED_LETTERS.get(match[3], match[3])
