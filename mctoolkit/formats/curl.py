"""Write a request as a command line of curl, for bash, for cmd.exe and for PowerShell.

Each shell takes a text apart by rules of its own before curl sees it; so each has its own way to be quoted.
"""

from __future__ import annotations

import base64
import json
import re
from typing import Literal, get_args

from mctoolkit import texts, wire
from mctoolkit.errors import MisuseError, UnreadableInput
from mctoolkit.formats.sending import CONTENT_TYPE, Sending, sending

__all__ = ["Shell", "curl"]

Shell = Literal["bash", "cmd", "powershell"]

_LONGEST_ARGUMENT = 100_000
"""Bytes. Linux takes 128 KiB for one argument."""

_LONGEST_CMD_LINE = 8191
"""Characters that cmd.exe reads of one line."""

_HEADER = f"Content-Type: {CONTENT_TYPE}"


def curl(thing: object, url: object, shell: Shell = "bash", *, masked: bool = False) -> str:
    r"""Return a command of curl that sends a body, ready to be pasted into a shell.

    It shows the headers of the answer, and follows no redirects. On this computer no proxy is asked.

    Parameters
    ----------
    thing : dict, str, bytes, Path, Event, Draft or Exchange
        The body.
    url : str, Sandbox or Target
        A host, or a whole URL, as :class:`mctoolkit.Client` takes it.
    shell : {"bash", "cmd", "powershell"}
        ``"bash"`` is also right for zsh, dash and Git Bash. ``"cmd"`` is for the prompt and not for a batch file,
        where ``%`` has other rules. ``"powershell"`` is right for Windows PowerShell 5.1 and for PowerShell 7 on
        Windows; it hands the body over in a file, because 5.1 loses the double quotes of an argument.
    masked : bool
        Put ``<hidden>`` for identifiers, to be filled in before it is run.

    Returns
    -------
    str
        For bash and PowerShell the body arrives to the byte. cmd.exe can pass on one line of ASCII only: other JSON
        is written on one line with ``\u`` escapes, which is the same JSON.

    Raises
    ------
    MisuseError
        There is no such shell; or ``url`` is no text and has no ``url``.
    UnreadableInput
        The body is too long for cmd.exe, or no JSON and not one line of ASCII; or it cannot be read or written.
    TargetError
        ``url`` is a text that cannot be the address of an API.

    Examples
    --------
    >>> print(curl({"media.name": "It's"}, "company.hb-api.omtrdc.net"))
    curl -i 'https://company.hb-api.omtrdc.net/api/v1/sessions' \
      -H 'Content-Type: application/json' \
      --data-raw '{"media.name":"It'\''s"}'
    >>> curl({"a": "b"}, "company.hb-api.omtrdc.net", "cmd").partition("--data-raw ")[2]
    '^"{\\^"a\\^":\\^"b\\^"}^"'

    Notes
    -----
    Source of the rules: POSIX, Shell Command Language, 2.2.2 (single quotes) and printf; Microsoft, "Parsing C
    command-line arguments" and the help of cmd.exe on ``^``; Microsoft, about_Quoting_Rules, which counts the
    typographic single quotes as quotes.
    """
    writers = {"bash": _bash, "cmd": _cmd, "powershell": _powershell}
    if shell not in writers:
        raise MisuseError(texts.say("code.shell", value=repr(shell), known=", ".join(get_args(Shell))))
    what = sending(thing, url, masked=masked)
    return (_remark(shell) if masked else "") + writers[shell](what)


def _remark(shell: Shell) -> str:
    words = texts.say("code.hidden")
    return f"rem {_with_carets(words)}\n" if shell == "cmd" else f"# {words}\n"


# --- bash ------------------------------------------------------------------------------------------------------------


def _bash(what: Sending) -> str:
    proxy = "  --noproxy '*' \\\n" if what.loopback else ""
    head = f"curl -i {_bash_quoted(what.url)} \\\n{proxy}  -H {_bash_quoted(_HEADER)} \\\n  "
    text = _as_text(what.body)
    if text is not None and _can_be_typed(text) and len(what.body) <= _LONGEST_ARGUMENT:
        return f"{head}--data-raw {_bash_quoted(text)}"
    return f"printf '{_printf_format(what.body)}' | {head}--data-binary @-"


def _bash_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _can_be_typed(text: str) -> bool:
    """Tell whether a terminal takes the text as it is: no control characters, and no ``!`` in a text of many lines.

    Some versions of bash look for ``!`` in the second line of a quoted text, where they no longer see the quote.
    """
    lines = text.split("\n")
    return all(line.isprintable() for line in lines) and (len(lines) == 1 or "!" not in text)


def _printf_format(body: bytes) -> str:
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


# --- cmd.exe ---------------------------------------------------------------------------------------------------------

_CMD_SPECIAL = frozenset('()%!^"<>&|')


def _cmd(what: Sending) -> str:
    proxy = '--noproxy ^"*^" ' if what.loopback else ""
    body = _cmd_quoted(_one_line(what.body))
    line = f"curl -i {_cmd_quoted(what.url)} {proxy}-H {_cmd_quoted(_HEADER)} --data-raw {body}"
    if len(line) > _LONGEST_CMD_LINE:
        raise UnreadableInput(texts.say("code.cmd_long", length=len(line), most=_LONGEST_CMD_LINE))
    return line


def _cmd_quoted(text: str) -> str:
    """Quote an argument for the C library that curl.exe is built with, and then each special character for cmd.

    cmd never sees an open quote, so ``^`` works everywhere. What follows ``%`` gets a ``^`` as well: the name between
    two of them then begins with one, and no variable is called so.
    """
    argument = '"' + re.sub(r'(\\*)(?:"|\Z)', _doubled, text) + '"'
    return _with_carets(argument)


def _with_carets(text: str) -> str:
    pieces = []
    after_percent = False
    for letter in text:
        pieces.append(f"^{letter}" if letter in _CMD_SPECIAL or after_percent else letter)
        after_percent = letter == "%"
    return "".join(pieces)


def _doubled(found: re.Match[str]) -> str:
    return found[1] * 2 + ('\\"' if found[0].endswith('"') else "")


def _one_line(body: bytes) -> str:
    """Return the body as one line of ASCII: as it is, or as the same JSON with escapes."""
    text = _as_text(body)
    if text is not None and text.isascii() and text.isprintable():
        return text
    if text is None or isinstance(wire.read(body), wire.NotJson):
        raise UnreadableInput(texts.say("code.cmd_bytes"))
    line = re.sub(r" *[\t\n\r][\t\n\r ]*", " ", text).strip()  # in JSON these stand between values only
    return re.sub(r"[^ -~]", lambda found: json.dumps(found[0])[1:-1] if found[0] != "\x7f" else "\\u007f", line)


# --- PowerShell ------------------------------------------------------------------------------------------------------

_POWERSHELL_QUOTES = re.compile("(['‘’‚‛])")


def _powershell(what: Sending) -> str:
    proxy = "--noproxy '*' " if what.loopback else ""
    return "\n".join(
        [
            "$file = [IO.Path]::GetTempFileName()",
            _powershell_write(what.body),
            f"curl.exe -i {_powershell_quoted(what.url)} {proxy}-H {_powershell_quoted(_HEADER)} "
            '--data-binary "@$file"',
            "Remove-Item $file",
        ]
    )


def _powershell_write(body: bytes) -> str:
    """Write the statement that puts the body into the file: UTF-8 without a mark, no line break at the end."""
    text = _as_text(body)
    lines = text.split("\n") if text is not None else []
    if text is None or not all(line.isprintable() for line in lines):
        packed = base64.b64encode(body).decode("ascii")
        return f"[IO.File]::WriteAllBytes($file, [Convert]::FromBase64String('{packed}'))"
    if len(lines) == 1:
        return f"[IO.File]::WriteAllText($file, {_powershell_quoted(text)})"
    quoted = ",\n  ".join(_powershell_quoted(line) for line in lines)
    return f'[IO.File]::WriteAllText($file, (@(\n  {quoted}\n) -join "`n"))'


def _powershell_quoted(text: str) -> str:
    return "'" + _POWERSHELL_QUOTES.sub(r"\1\1", text) + "'"


def _as_text(body: bytes) -> str | None:
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
