"""Profiles: the configuration file, environment variables, problems, and the confirmation before sending."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from mctoolkit import Event, InputError, UsageError, validate
from mctoolkit.client.profiles import (
    Profile,
    config,
    default_path,
    example_text,
    profile,
    profiles,
    required_confirmation,
)
from mctoolkit.models.draft import Draft
from mctoolkit.models.target import Target, read_target

HOST = "company.hb-api.omtrdc.net"
GOOD = f"""
[hosts.company-test]
uri = "{HOST}"
test_report_suites = ["company-test", " company-sandbox "]
[hosts.company-test.defaults]
"media.channel" = "web"
media.length = 60.5
"customMetadata.season" = "2"
analytics.enableSSL = true
[hosts.other]
uri = "https://media.example.com/mc/api/v1/sessions"
"""


def write_config(folder: Path, content: str | bytes) -> Path:
    path = folder / "mine.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def problems(content: str | bytes) -> list[str]:
    found, messages = config.parse_config(content if isinstance(content, bytes) else content.encode())
    assert found == {}
    return messages


def error_of(**arguments: Any) -> str:
    with pytest.raises(InputError) as found:
        profiles(**arguments)
    return str(found.value)


def test_valid_file(tmp_path: Path) -> None:
    found = profiles(write_config(tmp_path, GOOD), environ={})
    assert list(found) == ["company-test", "other"]
    company = found["company-test"]
    assert (company.name, company.uri) == ("company-test", HOST)
    assert company.test_report_suites == ("company-test", "company-sandbox")
    assert company.defaults == {
        "media.channel": "web",
        "media.length": 60.5,
        "customMetadata.season": "2",
        "analytics.enableSSL": True,
    }
    assert found["other"].target.base == "https://media.example.com/mc"
    assert (found["other"].test_report_suites, found["other"].defaults) == ((), {})


def test_profiles_are_read_only(tmp_path: Path) -> None:
    found = profiles(write_config(tmp_path, GOOD), environ={})
    with pytest.raises(TypeError):
        found["x"] = found["other"]  # type: ignore[index]
    with pytest.raises(TypeError):
        found["company-test"].defaults["media.id"] = "x"  # type: ignore[index]
    with pytest.raises(AttributeError):
        found["other"].uri = "x"  # type: ignore[misc]
    assert len({found["other"], found["company-test"]}) == 2


def test_defaults_are_accepted_by_draft(tmp_path: Path) -> None:
    draft = Draft(now_ms=1_795_421_642_000)
    for key, value in profiles(write_config(tmp_path, GOOD), environ={})["company-test"].defaults.items():
        draft.set(key, value)
    assert draft.event.params["media.channel"] == "web"
    assert draft.event.custom_metadata == {"season": "2"}
    assert validate(draft.event, now_ms=1_795_421_642_000).ok


A = "[hosts.a]\nuri = 'x.example'\n"
D = f"{A}[hosts.a.defaults]\n"


@pytest.mark.parametrize(
    ("content", "place", "message"),
    [
        ("hosts = 1", "hosts", "1 is not a table."),
        ("[host.a]\nuri = 'x.example'", "host", "unknown key. Did you mean hosts?"),
        ("[colour]", "colour", "unknown key. Known keys: hosts."),
        ("hosts.a = 'x'", "hosts.a", '"x" is not a table.'),
        ("[hosts.a]", "hosts.a.uri", 'missing. Write uri = "'),
        ("[hosts.a]\nuri = 7", "hosts.a.uri", "7 is not a string."),
        ("[hosts.'a b']\nuri = true", 'hosts."a b".uri', "true is not a string."),
        ("[hosts.a]\nuri = 'company'", "hosts.a.uri", f"Cannot use 'company'|Did you mean {HOST}?"),
        ("[hosts.a]\nuri = '<your-host>'", "hosts.a.uri", "placeholder"),
        (A + "defualts = 1", "hosts.a.defualts", "unknown key. Did you mean defaults?"),
        (A + "colour = 1", "hosts.a.colour", "Known keys: uri, test_report_suites, defaults."),
        (A + "test_report_suites = 'x'", "hosts.a.test_report_suites", '"x" is not a list.'),
        (A + "test_report_suites = ['x', 7]", "hosts.a.test_report_suites[1]", "7 is not the name of one report suite"),
        (A + "test_report_suites = ['x,y']", "hosts.a.test_report_suites[0]", '"x,y" is not|no comma'),
        (A + "test_report_suites = [' ']", "hosts.a.test_report_suites[0]", "not empty"),
        (A + "defaults = 1979-05-27", "hosts.a.defaults", "1979-05-27 is not a table."),
        (D + "media.chanel = 'x'", "hosts.a.defaults.media.chanel", "media.chanel cannot have|mean media.channel?"),
        (D + "params = 'x'", "hosts.a.defaults.params", "params cannot have a default."),
        (D + "'media.ad' = {}", 'hosts.a.defaults."media.ad"', "media.ad cannot have a default."),
        (D + "'media.length' = '60'", 'hosts.a.defaults."media.length"', '"60" has the wrong type;|a number'),
        (D + "'media.length' = nan", 'hosts.a.defaults."media.length"', "nan has the wrong type;"),
        (D + "'media.length' = true", 'hosts.a.defaults."media.length"', "true has the wrong type;"),
        (D + "'media.qoe.bitrate' = 1.5", 'hosts.a.defaults."media.qoe.bitrate"', "1.5 has|an integer"),
        (D + "'media.firstAirDate' = 2016-01-25", 'hosts.a.defaults."media.firstAirDate"', "2016-01-25 has|use text"),
        (D + "'playerTime.ts' = 1", 'hosts.a.defaults."playerTime.ts"', "the time of sending"),
        (D + "'customMetadata.my-show' = 'x'", 'hosts.a.defaults."customMetadata.my-show"', "cannot have"),
        (D + "'customMetadata.show' = 1", 'hosts.a.defaults."customMetadata.show"', "1 has the wrong type;"),
        (D + "'media.id' = 'x'\nmedia.id = 'y'", "hosts.a.defaults.media.id", "media.id has two defaults."),
    ],
)
def test_problem_has_place(content: str, place: str, message: str) -> None:
    (problem,) = problems(content)
    assert problem.startswith(f"{place}: ")
    assert all(part in problem for part in message.split("|"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "[hosts.a]\nuri = 'x.example'\nuri = 'y.example'\n",
            "not valid TOML: Cannot overwrite a value (at line 3, column",
        ),
        ("[hosts.a\nuri = 'x.example'", "(at line 1, column 9)"),
        (b"[hosts.a]\nuri = '\xff'", "not UTF-8"),
        ("[hosts.a]\nuri='x'".encode("utf-16"), "not UTF-8"),
    ],
    ids=["twice", "bracket", "latin", "utf-16"],
)
def test_syntax_error_has_line_and_column(content: str | bytes, message: str) -> None:
    (problem,) = problems(content)
    assert message in problem


def test_all_problems_are_listed(tmp_path: Path) -> None:
    path = write_config(
        tmp_path, "[hosts.a]\nuri = 1\nx = 2\n[hosts.b]\nuri = 'x.example'\n[hosts.c]\nuri = 'company'\n[d]"
    )
    lines = error_of(config=path, environ={"MC_URI": "company"}).splitlines()
    assert lines[0] == "Cannot read the profiles: 5 problems."
    places = ["d", "hosts.a.x", "hosts.a.uri", "hosts.c.uri"]
    assert [line.partition(f"- {path}: ")[2].partition(":")[0] for line in lines[1:5]] == places
    assert lines[5].startswith("- MC_URI: Cannot use 'company'")


OLD = f"[company-test]\nhost = '{HOST}'\ntest_report_suites = ['x']\n[company-test.defaults]\n'media.id' = 'x'"
RENAMES = "each table [NAME] as [hosts.NAME], its key host as uri, and [NAME.defaults] as [hosts.NAME.defaults]."


def test_old_format_has_one_message(tmp_path: Path) -> None:
    path = write_config(tmp_path, OLD)
    lines = error_of(environ={"MCTOOLKIT_PROFILES": str(path)}).splitlines()
    assert lines[1:] == [f"- {path}: the file has the old format. Write {RENAMES}"]


def test_old_file_in_configuration_folder_is_named(config_folder: Path) -> None:
    (config_folder / "profiles.toml").write_text(OLD, encoding="utf-8")
    lines = error_of(environ={}).splitlines()
    new = config_folder / "mctoolkit.toml"
    assert lines[1:] == [
        f"- {config_folder / 'profiles.toml'}: the file is no longer read. Write it to {new}: {RENAMES}"
    ]
    new.write_text(GOOD, encoding="utf-8")
    assert list(profiles(environ={})) == ["company-test", "other"]


def test_byte_order_mark_is_ignored() -> None:
    found, messages = config.parse_config(b"\xef\xbb\xbf" + GOOD.encode())
    assert (list(found), messages) == (["company-test", "other"], [])


def test_folder_instead_of_file(tmp_path: Path) -> None:
    assert "the file cannot be read (" in error_of(config=tmp_path, environ={})


@pytest.fixture
def config_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's configuration folder."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path)
    return tmp_path


def test_missing_file_is_a_problem_only_if_configured(config_folder: Path) -> None:
    assert profiles(environ={}) == {}
    assert list(config_folder.iterdir()) == []
    assert default_path({}) == config_folder / "mctoolkit.toml"
    for arguments in ({"config": "x.toml", "environ": {}}, {"environ": {"MCTOOLKIT_CONFIG": "x.toml"}}):
        assert error_of(**arguments).splitlines()[1] == "- x.toml: the file does not exist. Correct the path."


def test_precedence_of_argument_variables_and_folder(config_folder: Path, tmp_path: Path) -> None:
    paths = {}
    for name in ("mctoolkit", "profiles-variable", "config-variable", "argument"):
        paths[name] = config_folder / f"{name}.toml"
        paths[name].write_text(f"[hosts.{name}]\nuri = '{HOST}'", encoding="utf-8")
    environ: dict[str, str] = {}
    assert list(profiles(environ=environ)) == ["mctoolkit"]
    environ["MCTOOLKIT_PROFILES"] = str(paths["profiles-variable"])
    assert list(profiles(environ=environ)) == ["profiles-variable"]
    environ["MCTOOLKIT_CONFIG"] = str(paths["config-variable"])
    assert list(profiles(environ=environ)) == ["config-variable"]
    assert default_path(environ) == paths["config-variable"]
    assert list(profiles(paths["argument"], environ=environ)) == ["argument"]


def test_file_in_current_folder_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cloned repository must not mark a real report suite as a test suite."""
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: tmp_path / "own")
    monkeypatch.chdir(tmp_path)
    for name in ("mctoolkit.toml", "profiles.toml"):
        (tmp_path / name).write_text(GOOD, encoding="utf-8")
    assert profiles(environ={}) == {}


def test_seed_excludes_all_but_file_argument(tmp_path: Path) -> None:
    path = write_config(tmp_path, GOOD)
    environ = {"MCTOOLKIT_CONFIG": str(path), "MC_URI": HOST, "MCTOOLKIT_SEED": "1"}
    assert profiles(environ=environ) == {}
    assert list(profiles(path, environ=environ)) == ["company-test", "other"]


@pytest.mark.parametrize(
    ("environ", "uri", "suites"),
    [
        ({"MC_URI": HOST}, HOST, ()),
        ({"MCTOOLKIT_HOST": " h.example ", "MC_URI": HOST}, "h.example", ()),
        ({"MCTOOLKIT_HOST": " ", "MC_URI": HOST}, HOST, ()),
        ({"MC_URI": HOST, "MCTOOLKIT_TEST_REPORT_SUITES": "a, b,,a"}, HOST, ("a", "b")),
    ],
)
def test_profile_from_environment(environ: dict[str, str], uri: str, suites: tuple[str, ...], tmp_path: Path) -> None:
    found = profiles(write_config(tmp_path, ""), environ=environ)
    assert dict(found) == {"environment": Profile("environment", uri, suites)}


def test_test_suites_without_host(tmp_path: Path) -> None:
    message = error_of(config=write_config(tmp_path, ""), environ={"MCTOOLKIT_TEST_REPORT_SUITES": "a"})
    assert "- MCTOOLKIT_TEST_REPORT_SUITES: test report suites without a host." in message


def test_duplicate_name_in_file_and_environment(tmp_path: Path) -> None:
    path = write_config(tmp_path, f"[hosts.environment]\nuri = '{HOST}'")
    assert list(profiles(path, environ={})) == ["environment"]
    message = error_of(config=path, environ={"MC_URI": HOST})
    assert f"- {path}: [hosts.environment] has the name of the profile from MCTOOLKIT_HOST or MC_URI." in message


def test_profile_by_name(tmp_path: Path) -> None:
    path = write_config(tmp_path, GOOD)
    assert profile("other", path, environ={}).name == "other"
    with pytest.raises(UsageError, match=r"no profile 'company-tset'. Did you mean company-test\?"):
        profile("company-tset", path, environ={})
    with pytest.raises(UsageError, match=r"no profile 'x'. Known profiles: company-test, other\."):
        profile("x", path, environ={})
    with pytest.raises(UsageError, match=r"There are no profiles yet. Add them to .*mine\.toml"):
        profile("x", write_config(tmp_path, ""), environ={})


def test_repr_hides_tenant() -> None:
    shown = repr(Profile("mine", "acme.hb-api.omtrdc.net", ("acme-test",)))
    assert shown == "Profile(mine, •••.hb-api.omtrdc.net, 1 test report suite)"


def test_example_text_is_valid(tmp_path: Path) -> None:
    found = profiles(write_config(tmp_path, example_text()), environ={})
    assert found["company-test"].is_test_suite("company-test")
    assert len(found["company-test"].defaults) == 5


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
    ("own", "to", "suite", "kind", "message"),
    [
        (TESTING, HOST, "a-test", "yes", "This request is counted in report suite a-test. This cannot be undone."),
        (TESTING, HOST, "b-test, a-test", "yes", "report suite b-test,a-test."),
        (TESTING, HOST, "a-prod", "type", "a-prod is not in your list of test report suites. Type a-prod to continue."),
        (
            TESTING,
            HOST,
            "a-test,a-prod",
            "type",
            "a-prod is not in your list of test report suites. Type a-test,a-prod",
        ),
        (TESTING, HOST, "x,y", "type", "x, y are not in your list"),
        (None, HOST, "a-test", "type", "a-test is not in your list"),
        (TESTING, HOST, MISSING, "yes", f"has no report suite and is sent to the real host {HOST}"),
        (TESTING, HOST, " , ", "yes", "has no report suite"),
        (TESTING, HOST, 7, "yes", "has no report suite"),
        (None, HOST, MISSING, "yes", "has no report suite"),
        (TESTING, "http://127.0.0.1:8000", "a-prod", "none", ""),
        (None, "localhost:8000", "a-prod", "none", ""),
        (None, Target("http://10.0.0.1", "sandbox", True), "a-prod", "none", ""),
        (TESTING, "10.0.0.1", "a-prod", "type", "a-prod is not"),
    ],
)
def test_required_confirmation(own: Profile | None, to: Any, suite: Any, kind: str, message: str) -> None:
    event = Event({"params": {} if suite is MISSING else {"analytics.reportSuite": suite}})
    required = required_confirmation(own, read_target(to), event)
    assert required.kind == kind
    assert message in required.message
    assert (required.message == "") == (kind == "none")
    assert bool(required.to_type) == (kind == "type")
    assert required.accepts("") == (kind != "type")


@pytest.mark.parametrize(
    ("typed", "accepted"),
    [("a-test,a-prod", True), (" a-test,a-prod\n", True), ("a-prod", False), ("a-test", False), ("yes", False)],
)
def test_report_suites_must_be_typed_in_full(typed: str, accepted: bool) -> None:
    event = Event({"params": {"analytics.reportSuite": "a-test, a-prod"}})
    assert required_confirmation(TESTING, read_target(HOST), event).accepts(typed) is accepted


def test_each_host_and_report_suite_has_its_own_key() -> None:
    keys = {
        required_confirmation(TESTING, read_target(to), Event({"params": {"analytics.reportSuite": suite}})).key
        for to in (HOST, f"https://{HOST}/api/v1/sessions", "other.hb-api.omtrdc.net")
        for suite in ("a-test", "a-prod", " a-test")
    }
    assert len(keys) == 4


@pytest.mark.parametrize("body", ["", "{", "[]", b"\xff", {"params": 3}])
def test_any_body_requires_confirmation(body: Any) -> None:
    assert required_confirmation(TESTING, read_target(HOST), Event(body)).kind == "yes"


PIECES = "[hosts.a]|[hosts]|[hosts.a.defaults]|[[hosts]]|uri|defaults|media.id|'media.length'|visitor.customerIDs|x| = "
PIECES += "|1|'x.example'|[1, 2]|{ id = 1 }|{}|true|nan|1979-05-27|\n|\n|#|'''|é"
pieces = st.sampled_from(PIECES.split("|"))


@settings(max_examples=300, deadline=None)
@given(st.lists(pieces, max_size=14).map("".join) | st.text(max_size=40))
def test_parse_config_raises_no_error(content: str) -> None:
    found, messages = config.parse_config(content.encode("utf-8", "surrogatepass"))
    assert all(isinstance(each.target, Target) for each in found.values())
    assert all(messages)
