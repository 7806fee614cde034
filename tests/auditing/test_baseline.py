"""Baselines: which findings are accepted, and files that are not baselines."""

from __future__ import annotations

from pathlib import Path

import pytest

from mctoolkit._core.errors import InputError
from mctoolkit.auditing.baseline import Baseline
from mctoolkit.models.finding import AuditedSession, Finding


def _finding(rule: str, place: str = "") -> Finding:
    return Finding(rule, "warning", ".", place=place)


def _session(player: str, *findings: Finding) -> AuditedSession:
    return AuditedSession("a", "a", 0, 0, 1, 1, True, "", "m", player, "", findings)


def test_read_returns_written_baseline(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    made = Baseline.from_sessions(
        [_session('a "web" é', _finding("b", 'params["x"]'), _finding("a")), _session("tv", _finding("a"))]
    )
    made.write(file)
    assert Baseline.read(file) == made
    assert len(made.entries) == 3
    Baseline(()).write(file)
    assert Baseline.read(file).entries == ()


def test_write_is_deterministic(tmp_path: Path) -> None:
    findings = [_finding("b"), _finding("a"), _finding("a", "x")]
    for name, order in (("one", findings), ("two", findings[::-1])):
        Baseline.from_sessions([_session("web", *order)]).write(tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_read_baseline_of_version_0_1_0(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    file.write_text("""{
  "accepted": [
    {"rule": "ping-after-end", "place": "", "player": "web"},
    {"rule": "house-rule", "place": "params[\\"media.show\\"]", "player": "tv"},
    {"rule": "type", "place": "params[\\"media.length\\"]", "player": ""}
  ]
}
""")
    assert Baseline.read(file).entries == (
        ("ping-after-end", "", "web"),
        ("tracking-plan", 'params["media.show"]', "tv"),
        ("type", 'params["media.length"]', ""),
    )


def test_other_place_or_player_is_not_accepted() -> None:
    accepted = Baseline((("a", "x", "web"),))
    assert accepted.accepts(_finding("a", "x"), "web")
    assert accepted.accepts(_finding("a", "y"), "web") is None
    assert accepted.accepts(_finding("a", "x"), "tv") is None
    assert accepted.accepts(_finding("b", "x"), "web") is None


def test_read_toml_without_place_and_player(tmp_path: Path) -> None:
    file = tmp_path / "accepted.toml"
    file.write_text('[[accepted]]\nrule = "a"\nwhy = "known since 2024"\n')
    assert Baseline.read(file).accepts(_finding("a", "anywhere"), "any player") == ("a", "*", "*")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "neither JSON nor TOML"),
        ("[]", "no list"),
        ('{"accepted": {}}', "no list"),
        ('{"accepted": [{"place": "x"}]}', "Entry 1"),
        ('{"accepted": [{"rule": "a"}, {"rule": 3}]}', "Entry 2"),
        ("[" * 100_000, "neither JSON nor TOML"),
    ],
)
def test_read_invalid_file_is_refused(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    file.write_text(text)
    with pytest.raises(InputError, match=message):
        Baseline.read(file)


def test_unreadable_or_unwritable_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="Cannot read the baseline"):
        Baseline.read(tmp_path / "nothing.json")
    with pytest.raises(InputError, match="Cannot write the baseline"):
        Baseline(()).write(tmp_path / "no" / "folder.json")
    (tmp_path / "latin").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="Cannot read the baseline"):
        Baseline.read(tmp_path / "latin")


def test_baseline_of_0_1_0_with_renamed_rule_still_matches(tmp_path: Path) -> None:
    file = tmp_path / "accepted.json"
    file.write_text('{"accepted": [{"rule": "house-rule", "player": "web"}]}')
    baseline = Baseline.read(file)
    assert baseline.accepts(_finding("tracking-plan"), "web") in baseline.entries
