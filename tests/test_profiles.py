"""Profiles: what a file and the environment give, what is wrong with them in words, and what is asked before a send."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mctoolkit import Draft, Event, MisuseError, UnreadableInput, validate
from mctoolkit.profiles import Profile, confirmation, default_path, example_text, profile, profiles, reading
from mctoolkit.targets import Target, read_target

HOST = "company.hb-api.omtrdc.net"
GOOD = f"""
[company-test]
host = "{HOST}"
test_report_suites = ["company-test", " company-sandbox "]
[company-test.defaults]
"media.channel" = "web"
media.length = 60.5
"customMetadata.season" = "2"
analytics.enableSSL = true
[other]
host = "https://media.example.com/mc/api/v1/sessions"
"""


def environ_of(folder: Path, content: str | bytes) -> dict[str, str]:
    path = folder / "mine.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return {"MCTOOLKIT_PROFILES": str(path)}


def refusal(environ: dict[str, str]) -> str:
    with pytest.raises(UnreadableInput) as found:
        profiles(environ)
    return str(found.value)


def test_a_good_file(tmp_path: Path) -> None:
    found = profiles(environ_of(tmp_path, GOOD))
    assert list(found) == ["company-test", "other"]
    company = found["company-test"]
    assert (company.name, company.host) == ("company-test", HOST)
    assert company.test_report_suites == ("company-test", "company-sandbox")
    assert company.defaults == {
        "media.channel": "web",
        "media.length": 60.5,
        "customMetadata.season": "2",
        "analytics.enableSSL": True,
    }
    assert found["other"].target.base == "https://media.example.com/mc"
    assert (found["other"].test_report_suites, found["other"].defaults) == ((), {})


def test_nothing_can_be_changed(tmp_path: Path) -> None:
    found = profiles(environ_of(tmp_path, GOOD))
    with pytest.raises(TypeError):
        found["x"] = found["other"]  # type: ignore[index]
    with pytest.raises(TypeError):
        found["company-test"].defaults["media.id"] = "x"  # type: ignore[index]
    with pytest.raises(AttributeError):
        found["other"].host = "x"  # type: ignore[misc]
    assert len({found["other"], found["company-test"]}) == 2


def test_the_defaults_fill_a_draft(tmp_path: Path) -> None:
    draft = Draft(now_ms=1_795_421_642_000)
    for key, value in profiles(environ_of(tmp_path, GOOD))["company-test"].defaults.items():
        draft.set(key, value)
    assert draft.event.params["media.channel"] == "web"
    assert draft.event.custom_metadata == {"season": "2"}
    assert validate(draft.event, now_ms=1_795_421_642_000).ok


# what stands in the file, the line that is named, words that must be there
SLIPS: list[tuple[str, int | None, tuple[str, ...]]] = [
    ("[a]\nhost = 'x.example'\nhost = 'y.example'", 3, ("this is not TOML", "overwrite")),
    ("[a\nhost = 'x.example'", 1, ("this is not TOML",)),
    ("host = 'x.example'", 1, ("host is not a profile", "square brackets")),
    ("[a]\n", 1, ("the profile a has no host", 'host = "')),
    ("[a]\nhost = 7", 2, ("host is a text", "This is a number")),
    ("[a]\nhost = 'x.example'\nhots = 1", 3, ('a profile has no "hots"', "Did you mean host?")),
    ("[a]\nhost = 'x.example'\ncolour = 1", 3, ('a profile has no "colour"', "defaults.")),
    ("[a]\nhost = 'company'", 2, ("Cannot use 'company'", f"Did you mean {HOST}?")),
    ("[a]\nhost = '<your-host>'", 2, ("placeholder",)),
    ("[a]\nhost = ''", 2, ("it is empty",)),
    ("[a]\nhost = 'x.example'\ntest_report_suites = 'x'", 3, ("a list of texts", "This is text")),
    ("[a]\nhost = 'x.example'\ntest_report_suites = ['x',\n7]", 3, ("This is 7",)),
    ("[a]\nhost = 'x.example'\ntest_report_suites = ['x,y']", 3, ("has no comma", "'x,y'")),
    ("[a]\nhost = 'x.example'\ntest_report_suites = [' ']", 3, ("not empty",)),
    ("[a]\nhost = 'x.example'\ndefaults = 1979-05-27", 3, ("[a.defaults]", "1979-05-27")),
    ("[a]\nhost = 'x.example'\n[a.defaults]\nmedia.chanel = 'x'", 4, ("media.chanel is no key", "mean media.channel?")),
    ("[a]\nhost = 'x.example'\n[a.defaults]\nparams = 'x'", 4, ("params is no key",)),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'media.ad' = {}", 4, ("media.ad is no key",)),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'media.length' = '60'", 4, ("media.length is a number", "this is '60'")),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'media.length' = nan", 4, ("this is nan",)),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'media.length' = true", 4, ("this is True",)),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'media.qoe.bitrate' = 1.5", 4, ("a whole number", "1.5")),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'media.firstAirDate' = 2016-01-25", 4, ("is text", "2016-01-25")),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'playerTime.ts' = 1", 4, ("the time of sending",)),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'customMetadata.my-show' = 'x'", 4, ("customMetadata.my-show is no key",)),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'customMetadata.show' = 1", 4, ("is text; this is 1",)),
    ("[a]\nhost = 'x.example'\n[a.defaults]\n'media.id' = 'x'\nmedia.id = 'y'", 5, ("media.id stands twice",)),
    ('[a]\nhost = "x.example"\n["b c"]\nhost = 1\n', 4, ("host is a text",)),
]


@pytest.mark.parametrize(("content", "line", "words"), SLIPS, ids=[slip[0].split("\n")[-1][:40] for slip in SLIPS])
def test_a_slip_is_told_with_its_line(content: str, line: int, words: tuple[str, ...], tmp_path: Path) -> None:
    environ = environ_of(tmp_path, content)
    told = refusal(environ)
    assert told.startswith("Cannot read the profiles: 1 problem.\n- ")
    assert f"{environ['MCTOOLKIT_PROFILES']}, line {line}: " in told
    for piece in words:
        assert piece in told


def test_all_slips_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    content = "[a]\nhost = 1\nx = 2\n[a.defaults]\n'media.length' = '1'\n[b]\nhost = 'x.example'\n[c]\nhost='company'"
    environ = {**environ_of(tmp_path, content), "MC_URI": "company"}
    told = refusal(environ).splitlines()
    assert told[0] == "Cannot read the profiles: 5 problems."
    assert [line.partition("line ")[2].partition(":")[0] for line in told[1:5]] == ["2", "3", "5", "9"]
    assert told[5].startswith("- The environment variable MC_URI: Cannot use 'company'")


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"[a]\nhost = '\xff'", "not in UTF-8"), ("[a]\nhost='x'".encode("utf-16"), "not in UTF-8")],
    ids=["latin", "utf-16"],
)
def test_bytes_that_are_no_text(content: bytes, words: str, tmp_path: Path) -> None:
    assert words in refusal(environ_of(tmp_path, content))


def test_a_mark_at_the_start_is_no_problem(tmp_path: Path) -> None:
    assert list(profiles(environ_of(tmp_path, b"\xef\xbb\xbf" + GOOD.encode()))) == ["company-test", "other"]


def test_a_folder_in_place_of_the_file(tmp_path: Path) -> None:
    assert "the file cannot be read (" in refusal({"MCTOOLKIT_PROFILES": str(tmp_path)})


def test_no_file_is_no_problem_unless_it_was_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path)
    assert profiles({}) == {}
    assert default_path({}) == tmp_path / "profiles.toml"
    (tmp_path / "profiles.toml").write_text(GOOD, encoding="utf-8")
    assert list(profiles({})) == ["company-test", "other"]
    assert "there is no such file, and MCTOOLKIT_PROFILES names it" in refusal(
        {"MCTOOLKIT_PROFILES": str(tmp_path / "x.toml")}
    )


def test_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "new")
    profiles({})
    assert list(tmp_path.iterdir()) == []


def test_a_seed_leaves_a_persons_own_out(tmp_path: Path) -> None:
    assert profiles({**environ_of(tmp_path, GOOD), "MC_URI": HOST, "MCTOOLKIT_SEED": "1"}) == {}


@pytest.mark.parametrize(
    ("environ", "host", "suites"),
    [
        ({"MC_URI": HOST}, HOST, ()),
        ({"MCTOOLKIT_HOST": " h.example ", "MC_URI": HOST}, "h.example", ()),
        ({"MCTOOLKIT_HOST": " ", "MC_URI": HOST}, HOST, ()),
        ({"MC_URI": HOST, "MCTOOLKIT_TEST_REPORT_SUITES": "a, b,,a"}, HOST, ("a", "b")),
    ],
)
def test_one_profile_from_the_environment(
    environ: dict[str, str], host: str, suites: tuple[str, ...], tmp_path: Path
) -> None:
    found = profiles({**environ_of(tmp_path, ""), **environ})
    assert dict(found) == {"environment": Profile("environment", host, suites)}


def test_test_suites_without_a_host(tmp_path: Path) -> None:
    told = refusal({**environ_of(tmp_path, ""), "MCTOOLKIT_TEST_REPORT_SUITES": "a"})
    assert "MCTOOLKIT_TEST_REPORT_SUITES: it says which" in told


def test_a_name_that_both_have(tmp_path: Path) -> None:
    content = f"[environment]\nhost = '{HOST}'"
    assert list(profiles(environ_of(tmp_path, content))) == ["environment"]
    assert "Choose another name" in refusal({**environ_of(tmp_path, content), "MC_URI": HOST})


def test_one_profile_by_its_name(tmp_path: Path) -> None:
    environ = environ_of(tmp_path, GOOD)
    assert profile("other", environ).name == "other"
    with pytest.raises(MisuseError, match=r"no profile 'company-tset'. Did you mean company-test\?"):
        profile("company-tset", environ)
    with pytest.raises(MisuseError, match=r"no profile 'x'. There are: company-test, other\."):
        profile("x", environ)
    with pytest.raises(MisuseError, match="There are none yet"):
        profile("x", environ_of(tmp_path, ""))


def test_a_profile_shows_itself_without_the_tenant(tmp_path: Path) -> None:
    shown = repr(Profile("mine", "acme.hb-api.omtrdc.net", ("acme-test",)))
    assert shown == "Profile(mine, •••.hb-api.omtrdc.net, 1 test report suite)"


def test_the_example_is_a_good_file(tmp_path: Path) -> None:
    found = profiles(environ_of(tmp_path, example_text()))
    assert found["company-test"].is_test_suite("company-test")
    assert len(tomllib.loads(example_text())["company-test"]["defaults"]) == len(found["company-test"].defaults) == 5


@pytest.mark.parametrize(
    ("report_suite", "listed"),
    [
        ("a-test", True),
        (" a-test ", True),
        ("a-test,b-test", True),
        ("a-test, b-test,", True),
        ("a-test,a-prod", False),
        ("a-prod", False),
        ("A-test", False),
        ("a-test2", False),
        ("", False),
        (",", False),
    ],
)
def test_is_test_suite(report_suite: str, listed: bool) -> None:
    assert Profile("p", HOST, ("a-test", "b-test")).is_test_suite(report_suite) is listed


TESTING = Profile("p", HOST, ("a-test", "b-test"))
MISSING = object()


@pytest.mark.parametrize(
    ("of", "to", "suite", "kind", "words"),
    [
        (TESTING, HOST, "a-test", "yes", "This counts in report suite a-test, for good. There is no delete."),
        (TESTING, HOST, "b-test, a-test", "yes", "report suite b-test,a-test,"),
        (TESTING, HOST, "a-prod", "type", "a-prod is not in your list of test report suites. Type a-prod to go on."),
        (
            TESTING,
            HOST,
            "a-test,a-prod",
            "type",
            "a-prod is not in your list of test report suites. Type a-test,a-prod",
        ),
        (TESTING, HOST, "x,y", "type", "x, y are not in your list"),
        (None, HOST, "a-test", "type", "a-test is not in your list"),
        (TESTING, HOST, MISSING, "yes", f"the real host {HOST} without a report suite"),
        (TESTING, HOST, " , ", "yes", "without a report suite"),
        (TESTING, HOST, 7, "yes", "without a report suite"),
        (None, HOST, MISSING, "yes", "without a report suite"),
        (TESTING, "http://127.0.0.1:8000", "a-prod", "none", ""),
        (None, "localhost:8000", "a-prod", "none", ""),
        (None, Target("http://10.0.0.1", "practice server", True), "a-prod", "none", ""),
        (TESTING, "10.0.0.1", "a-prod", "type", "a-prod is not"),
    ],
)
def test_what_is_asked_before_a_send(of: Profile | None, to: Any, suite: Any, kind: str, words: str) -> None:
    event = Event({"params": {} if suite is MISSING else {"analytics.reportSuite": suite}})
    asked = confirmation(of, read_target(to), event)
    assert asked.kind == kind
    assert words in asked.words
    assert (asked.words == "") == (kind == "none")
    assert bool(asked.to_type) == (kind == "type")
    assert asked.accepts("") == (kind != "type")


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [("a-test,a-prod", True), (" a-test,a-prod\n", True), ("a-prod", False), ("a-test", False), ("yes", False)],
)
def test_it_is_typed_in_full(typed: str, accepted: bool) -> None:
    event = Event({"params": {"analytics.reportSuite": "a-test, a-prod"}})
    assert confirmation(TESTING, read_target(HOST), event).accepts(typed) is accepted


def test_each_host_and_report_suite_is_a_question_of_its_own() -> None:
    asked = {
        confirmation(TESTING, read_target(to), Event({"params": {"analytics.reportSuite": suite}})).about
        for to in (HOST, f"https://{HOST}/api/v1/sessions", "other.hb-api.omtrdc.net")
        for suite in ("a-test", "a-prod", " a-test")
    }
    assert len(asked) == 4


@pytest.mark.parametrize("body", ["", "{", "[]", b"\xff", {"params": 3}])
def test_any_body_can_be_asked_about(body: Any) -> None:
    assert confirmation(TESTING, read_target(HOST), Event(body)).kind == "yes"


PIECES = "[a]|[a.defaults]|[[a]]|host|defaults|media.id|'media.length'|visitor.customerIDs|x| = |1|'x.example'|[1, 2]"
PIECES += "|{ id = 1 }|{}|true|nan|1979-05-27|\n|\n|#|'''|é"
pieces = st.sampled_from(PIECES.split("|"))


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=14).map("".join) | st.text(max_size=40))
def test_no_file_brings_a_traceback(content: str) -> None:
    found, slips = reading.read(content.encode("utf-8", "surrogatepass"))
    assert all(isinstance(each.target, Target) for each in found.values())
    assert all(words and (line is None or 1 <= line <= content.count("\n") + 2) for line, words in slips)
