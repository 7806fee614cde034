"""The sentences: each that the code asks for is there, and each that is there is asked for."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from mctoolkit import texts
from mctoolkit.errors import MisuseError

PACKAGE = Path(texts.__file__).parent

# Families whose last part comes from the facts or from a closed set; the tests of those facts look each one up.
MADE_KEYS = (
    "parameters.", "events.", "slips.", "kind.", "answers.",
    "rules.", "form.section.", "form.column.", "form.picture.", "form.compare", "form.anyway_", "form.send_", "exchange.", "target.", "sandbox.", "cli.fact.", "client.",
    "verdict.", "presets.", "mistakes.", "explain.", "compare.", "journal.", "profiles.", "questions.",
)  # fmt: skip


def _asked_for() -> set[str]:
    """Return every key that stands as a plain text in a call of say, count or has."""
    found: set[str] = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and re.fullmatch(r"[a-z_]+(\.[\w-]+)+", node.value)
            ):
                found.add(node.value)
    return found


def test_each_sentence_is_asked_for_or_belongs_to_a_family_made_from_facts() -> None:
    asked = _asked_for()
    unused = {
        key
        for key in texts.all_keys()
        if key not in asked
        and key.removesuffix(".one").removesuffix(".other") not in asked
        and not key.startswith(MADE_KEYS)
    }
    assert unused == set()


def test_each_sentence_that_is_asked_for_is_there() -> None:
    rooms = {key.split(".")[0] for key in texts.all_keys()}
    wanted = set()
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "texts"):
                continue
            name = node.func.attr
            first = node.args[0]
            if (
                name in ("say", "count", "has")
                and isinstance(first, ast.Constant)
                and isinstance(first.value, str)
                and file.name != "texts.py"
            ):
                wanted.add(f"{first.value!s}.other" if name == "count" else str(first.value))
    assert {key for key in wanted if key.split(".")[0] in rooms} - texts.all_keys() == set()
    assert {key.split(".")[0] for key in wanted} <= rooms


def test_a_missing_sentence_or_value_is_a_mistake_in_the_code() -> None:
    with pytest.raises(MisuseError, match=r"no sentence 'form\.nothing'"):
        texts.say("form.nothing")
    with pytest.raises(MisuseError, match="wants the value 'number'"):
        texts.say("form.ready")


def test_values_are_put_in_as_they_are() -> None:
    assert texts.say("fix.put", value="{x} {0} %s") == "Make it {x} {0} %s"


@pytest.mark.parametrize("code", ["nl-NL", "../..", "", "zz", "EN1"])
def test_an_unknown_language_is_english(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(texts.LANGUAGE_VARIABLE, code)
    assert texts.language() == "en"
    assert texts.say("verdict.none") == "No problems."


def test_english_is_pinned_whatever_the_locale(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "nl_NL.UTF-8")
    monkeypatch.setenv("LC_ALL", "nl_NL.UTF-8")
    assert texts.say("verdict.none") == "No problems."


def test_no_sentence_is_cut_by_a_brace() -> None:
    for key in texts.all_keys():
        sentence = texts._sentences("en")[key]
        assert sentence.strip() == sentence or key in ("form.unset_fields", "form.newest")
        assert re.sub(r"\{[a-z_]+\}", "", sentence).count("{") == re.sub(r"\{[a-z_]+\}", "", sentence).count("}")
