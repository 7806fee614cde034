"""Write a request as a curl command, for POSIX shells and for PowerShell."""

from __future__ import annotations

import base64
import re
from typing import Literal, get_args

from mctoolkit._core.errors import UsageError
from mctoolkit._core.messages import gettext as _
from mctoolkit.reporting.formats.request import CONTENT_TYPE, PreparedRequest, prepare_request

__all__ = ["Shell", "to_curl"]

Shell = Literal["bash", "powershell"]

_MAX_ARGUMENT = 100_000
"""Bytes. Linux accepts 128 KiB per argument."""

_HEADER = f"Content-Type: {CONTENT_TYPE}"


def to_curl(thing: object, host: object, shell: Shell = "bash", *, masked: bool = False) -> str:
    r"""Return a curl command that sends a body, to paste into a shell.

    The command shows the response headers and does not follow redirects. For a host on this computer it uses no proxy.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body.
    host : str, Sandbox or Target
        The host or URL, as :class:`mctoolkit.Client` accepts it.
    shell : {"bash", "powershell"}
        ``"bash"`` also works in zsh, dash and Git Bash. ``"powershell"`` works in Windows PowerShell 5.1 and in
        PowerShell 7 on Windows; it passes the body in a file, because 5.1 drops the double quotes of an argument.
    masked : bool
        Replace identifiers with ``<hidden>``.

    Returns
    -------
    str
        A command that sends exactly the bytes of the body.

    Raises
    ------
    UsageError
        The shell is unknown, or ``host`` is neither text nor an object with a ``url``.
    InputError
        The body cannot be read, or cannot be written as JSON.
    HostError
        ``host`` is text that cannot be the URL of an API.

    Examples
    --------
    >>> print(to_curl({"media.name": "It's"}, "company.hb-api.omtrdc.net"))
    curl -i 'https://company.hb-api.omtrdc.net/api/v1/sessions' \
      -H 'Content-Type: application/json' \
      --data-raw '{"media.name":"It'\''s"}'

    Notes
    -----
    Sources of the quoting rules: POSIX, Shell Command Language, 2.2.2 (single quotes) and printf; Microsoft,
    about_Quoting_Rules, which treats typographic single quotes as quotes.
    """
    writers = {"bash": _to_bash, "powershell": _to_powershell}
    if shell not in writers:
        raise UsageError(
            _("Unknown shell {value} for curl. Choose one of: {known}.").format(
                value=repr(shell), known=", ".join(get_args(Shell))
            )
        )
    request = prepare_request(thing, host, masked=masked)
    return request.comment + writers[shell](request)


# --- bash ------------------------------------------------------------------------------------------------------------


def _to_bash(request: PreparedRequest) -> str:
    proxy = "  --noproxy '*' \\\n" if request.loopback else ""
    head = f"curl -i {_quote_bash(request.url)} \\\n{proxy}  -H {_quote_bash(_HEADER)} \\\n  "
    text = _decode(request.body)
    if text is not None and _is_safe_in_terminal(text) and len(request.body) <= _MAX_ARGUMENT:
        return f"{head}--data-raw {_quote_bash(text)}"
    return f"printf '{_to_printf_format(request.body)}' | {head}--data-binary @-"


def _quote_bash(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _is_safe_in_terminal(text: str) -> bool:
    """Return whether a terminal accepts the text unchanged: no control characters, no ``!`` in a multi-line text.

    Some versions of bash expand ``!`` in the second line of a quoted text.
    """
    lines = text.split("\n")
    return all(line.isprintable() for line in lines) and (len(lines) == 1 or "!" not in text)


def _to_printf_format(body: bytes) -> str:
    pieces = []
    for letter in body.decode("utf-8", "surrogateescape"):
        if letter == "%":
            pieces.append("%%")
        elif letter == "\\":
            pieces.append("\\\\")
        elif letter in "'!-" or not letter.isprintable():
            pieces += [f"\\{byte:03o}" for byte in letter.encode("utf-8", "surrogateescape")]
        else:
            pieces.append(letter)
    return "".join(pieces)


# --- PowerShell ------------------------------------------------------------------------------------------------------

_POWERSHELL_QUOTES = re.compile("(['‘’‚‛])")


def _to_powershell(request: PreparedRequest) -> str:
    proxy = "--noproxy '*' " if request.loopback else ""
    return "\n".join(
        [
            "$file = [IO.Path]::GetTempFileName()",
            _write_body_in_powershell(request.body),
            f"curl.exe -i {_quote_powershell(request.url)} {proxy}-H {_quote_powershell(_HEADER)} "
            '--data-binary "@$file"',
            "Remove-Item $file",
        ]
    )


def _write_body_in_powershell(body: bytes) -> str:
    """Return the statement that writes the body to the file: UTF-8 without a byte order mark or a final line break."""
    text = _decode(body)
    lines = text.split("\n") if text is not None else []
    if text is None or not all(line.isprintable() for line in lines):
        encoded = base64.b64encode(body).decode("ascii")
        return f"[IO.File]::WriteAllBytes($file, [Convert]::FromBase64String('{encoded}'))"
    if len(lines) == 1:
        return f"[IO.File]::WriteAllText($file, {_quote_powershell(text)})"
    quoted = ",\n  ".join(_quote_powershell(line) for line in lines)
    return f'[IO.File]::WriteAllText($file, (@(\n  {quoted}\n) -join "`n"))'


def _quote_powershell(text: str) -> str:
    return "'" + _POWERSHELL_QUOTES.sub(r"\1\1", text) + "'"


def _decode(body: bytes) -> str | None:
    """Return the body as text, or None if it is not UTF-8."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
