"""Tracking plans: files, errors in cells, and violations in bodies."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mctoolkit import InputError, validate
from mctoolkit.simulation.presets import preset
from mctoolkit.validation.tracking_plan import Condition, PlanRule, TrackingPlan

NOW = 1_509_045_324_153


def _workbook(path: Path, *rows: list[Any], before: int = 0) -> Path:
    book = openpyxl.Workbook()
    book.worksheets[0].append(["about this file"])
    sheet = book.create_sheet("plan")
    for _ in range(before):
        sheet.append(["Our plan"])
    for row in rows:
        sheet.append(row)
    book.save(path)
    return path


def _start(**params: Any) -> dict[str, Any]:
    return {"eventType": "sessionStart", "params": {key.replace("__", "."): value for key, value in params.items()}}


def _rules(*problems: Any) -> list[tuple[str, str]]:
    return [(problem.where, problem.source) for problem in problems]


def test_read_workbook_with_header_in_any_row(tmp_path: Path) -> None:
    path = _workbook(
        tmp_path / "plan.xlsx",
        ["Key", "Required when", "Allowed values", "Pattern", "Event", "Note", "Owner"],
        ["media.show", "yes", None, None, None, "Ask the CMS team."],
        [None, "an empty row"],
        ["media.season", "media.contentType = VOD, dvod and media.showType != 3", "1; 2\n3", r"\d+"],
        ["skipped_at", None, None, None, "adSkip | adComplete", None, "me"],
        before=3,
    )
    plan = TrackingPlan.read(path)
    assert plan.name == "plan.xlsx"
    assert plan.rules == (
        PlanRule(5, "media.show", required=True, note="Ask the CMS team."),
        PlanRule(
            7, "media.season", required=True, values=("1", "2", "3"), pattern=r"\d+",
            conditions=(Condition("media.contentType", ("VOD", "dvod")), Condition("media.showType", ("3",), unless=True)),
        ),
        PlanRule(8, "skipped_at", ("adSkip", "adComplete")),
    )  # fmt: skip


def test_read_cells_as_excel_shows_them(tmp_path: Path) -> None:
    values = [2.0, True, datetime.datetime(2026, 11, 23), "  x  "]
    path = _workbook(tmp_path / "plan.xlsx", ["key", "values"], *[["media.show", value] for value in values])
    assert [rule.values for rule in TrackingPlan.read(path).rules] == [("2",), ("true",), ("2026-11-23",), ("x",)]


@pytest.mark.parametrize(
    "text",
    [
        "key;required;values\nmedia.show;ja;a|b\n",
        "key,required,values\nmedia.show,YES,a|b\n",
        "\ufeffSleutel\tVerplicht\tWaarden\nmedia.show\tx\ta|b",
    ],
)
def test_read_csv_with_any_separator(text: str, tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text(text, encoding="utf-8")
    assert TrackingPlan.read(path).rules == (PlanRule(2, "media.show", required=True, values=("a", "b")),)


def test_read_lists_all_invalid_cells(tmp_path: Path) -> None:
    path = _workbook(
        tmp_path / "plan.xlsx",
        ["key", "event", "required", "pattern"],
        ["media.channelname", "sesionStart", "perhaps", "["],
        ["media.show", "", "when media.contentTyp = Live"],
    )
    with pytest.raises(InputError) as caught:
        TrackingPlan.read(path)
    lines = str(caught.value).splitlines()
    assert lines[0] == "5 cells of the tracking plan are invalid:"
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "- Row 2, column key", "- Row 2, column required", "- Row 2, column event", "- Row 2, column pattern", "- Row 3, column required",
    ]  # fmt: skip
    assert "the nearest is media.channel." in lines[1]
    assert "the nearest is sessionStart." in lines[3]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("plan.xlsx", b"", "cannot be read"),
        ("plan.xlsx", b"key;required\n", "cannot be read"),
        ("plan.pdf", b"%PDF", "Excel file"),
        ("plan.csv", b"\xff\xfe\x00", "cannot be read"),
        ("plan.csv", b"", "has no header"),
        ("plan.csv", b"key;required\n\n", "no row with a key"),
        ("plan.csv", b'key;required\n"media', "cannot be read"),
        ("plan.csv", b"name;required\nmedia.show;x\n", "has no header"),
    ],
)
def test_read_invalid_file_raises(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        TrackingPlan.read(path)


def test_read_too_many_rows_raises(tmp_path: Path) -> None:
    path = tmp_path / "plan.csv"
    path.write_text("key;required\n" + "media.show;x\n" * 10_000)
    with pytest.raises(InputError, match="more than 10000 rows"):
        TrackingPlan.read(path)


def test_read_missing_file_raises(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        TrackingPlan.read(tmp_path / "none.xlsx")


@given(st.binary(max_size=60), st.sampled_from(["a.csv", "a.xlsx"]))
def test_read_raises_only_input_error(content: bytes, name: str) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        with pytest.raises(InputError):
            TrackingPlan.read(path)


def test_missing_key_names_its_row() -> None:
    plan = TrackingPlan([PlanRule(7, "media.show", required=True, note="Ask the CMS team.")], "plan.xlsx")
    (problem,) = plan.check(_start())
    assert (problem.level, problem.where, problem.source) == ("hint", 'params["media.show"]', "plan.xlsx, row 7")
    assert problem.message == "media.show is missing. plan.xlsx, row 7, requires it. Ask the CMS team."
    assert plan.check(_start(media__show="x")) == ()
    assert plan.check({"eventType": "ping"}) == ()


def test_row_with_condition() -> None:
    live = Condition("media.contentType", ("Live", "Linear"))
    plan = TrackingPlan(
        [PlanRule(2, "media.station", required=True, conditions=(live, Condition("season", ("1",), unless=True)))], "p"
    )
    assert len(plan.check(_start(media__contentType="live"))) == 1
    assert plan.check(_start(media__contentType="VOD")) == ()
    assert plan.check(_start()) == ()
    assert plan.check({**_start(media__contentType="live"), "customMetadata": {"season": "1"}}) == ()


def test_values_and_patterns_match_whole_value() -> None:
    plan = TrackingPlan(
        [PlanRule(2, "media.genre", values=("News", "Sport")), PlanRule(3, "media.length", pattern=r"\d+")], "p"
    )
    assert plan.check(_start(media__genre="Sport", media__length=60.0)) == ()
    found = plan.check(_start(media__genre="news", media__length=60.5))
    assert [problem.source for problem in found] == ["p, row 2", "p, row 3"]
    assert found[0].fix is not None
    assert found[0].fix.apply(_start(media__genre="news"))["params"]["media.genre"] == "News"
    assert plan.check(_start(media__genre="Newsreel"))[0].fix is None


@pytest.mark.parametrize(
    ("platform", "player", "violations"),
    [(None, "Web-player 4", 1), (None, "tv", 0), ("tv", "web", 0), ("WEB", "tv", 1), (None, None, 0)],
)
def test_row_with_platform(platform: str | None, player: str | None, violations: int) -> None:
    plan = TrackingPlan([PlanRule(2, "media.show", required=True, platform="web*")], "p")
    body = _start() if player is None else _start(media__playerName=player)
    assert len(plan.check(body, platform=platform)) == violations


def test_label_is_in_custom_metadata() -> None:
    plan = TrackingPlan(
        [PlanRule(2, "season_id", required=True), PlanRule(3, "customMetadata.cast", required=True)], "p"
    )
    found = plan.check(_start())
    assert [problem.place for problem in found] == [("customMetadata", "season_id"), ("customMetadata", "cast")]
    assert plan.check({**_start(), "customMetadata": {"season_id": "1", "cast": "x"}}) == ()


@pytest.mark.parametrize(
    "body", ["", "[]", "null", b"{", {}, {"eventType": ["x"]}, {"eventType": "sessionStart", "params": 7}]
)
def test_check_invalid_body_does_not_raise(body: Any) -> None:
    plan = TrackingPlan(
        [
            PlanRule(
                2, "media.show", required=True, conditions=(Condition("media.id", ("1",), unless=True),), platform="w"
            )
        ],
        "p",
    )
    assert all(problem.rule == "tracking-plan" for problem in plan.check(body, platform="w"))


def test_extend_verdict() -> None:
    verdict = validate(preset("minimal", NOW), endpoint="sessions", now_ms=NOW)
    extended = TrackingPlan([PlanRule(2, "media.show", required=True)], "p").extend(verdict)
    assert (extended.ok, len(extended.problems)) == (True, len(verdict.problems) + 1)
    assert extended.to_dict()["problems"][-1]["source"] == "p, row 2"


def test_template_can_be_read_and_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "plan.xlsx"
    TrackingPlan.template(path)
    plan = TrackingPlan.read(path)
    assert len(plan) == 9
    assert plan.rules[-1].platform == "web*"
    assert plan.check(preset("minimal", NOW)) == ()
    before = path.read_bytes()
    with pytest.raises(InputError, match="Choose another name"):
        TrackingPlan.template(path)
    assert path.read_bytes() == before


def test_html_is_escaped() -> None:
    plan = TrackingPlan([PlanRule(2, "<b>", note="<script>", conditions=(Condition("a", ("1",)),))], "<name>")
    assert not {"<b>", "<script>", "<name>"} & {
        part for part in ("<b>", "<script>", "<name>") if part in plan._repr_html_()
    }
    assert str(plan).splitlines() == ["1 rule of <name>", "- 2 | <b> | sessionStart | a = 1 |  |  |  | <script>"]
