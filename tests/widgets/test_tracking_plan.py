"""The form follows a tracking plan: tips that cite their row, values to choose from, and a Send that minds none of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ipywidgets
import pytest

from mctoolkit import InputError, ManualClock, Sandbox, SessionForm, TrackingPlan, UsageError, seeded_ids
from mctoolkit.validation.tracking_plan import Condition, PlanRule
from tests.widgets.test_session_form import _all, button, field, mend, press, told_at

NOW_MS = 1_795_421_642_000
PLAN = TrackingPlan(
    [
        PlanRule(3, "media.show", required=True, values=("Pilot", "News"), note="Ask the CMS team."),
        PlanRule(4, "media.season", required=True, conditions=(Condition("media.contentType", ("Live",)),)),
        PlanRule(5, "media.channel", pattern="demo-.*", platform="no-such-player*"),
        PlanRule(6, "house_brand", required=True, values=("one", "two")),
        PlanRule(7, "media.genre", ("adStart",), required=True),
    ],
    "plan.xlsx",
)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(clock=ManualClock(NOW_MS), ids=seeded_ids(7)) as running:
        yield running


@pytest.fixture
def form(sandbox: Sandbox) -> SessionForm:
    return SessionForm(sandbox, clock=ManualClock(NOW_MS, step_ms=4), plan=PLAN)


def _help(form: SessionForm, key: str) -> str:
    return told_at(form, key)


def test_a_breach_is_a_tip_at_its_field_that_cites_its_row(form: SessionForm) -> None:
    assert [(problem.where, problem.level, problem.source) for problem in form.verdict.problems] == [
        ('params["media.show"]', "hint", "plan.xlsx, row 3"), ("customMetadata.house_brand", "hint", "plan.xlsx, row 6"),
    ]  # fmt: skip
    assert form.verdict.ok
    assert "media.show is missing, and plan.xlsx, row 3, asks for it. Ask the CMS team." in _help(form, "media.show")
    assert "Tracking plan: 5 rules of plan.xlsx." in form._view.widget.children[2].value
    form.set("media.show", "news")
    assert "allows: Pilot, News" in _help(form, "media.show")
    mend(form, "Make it News")
    form.set("customMetadata.house_brand", "one")
    assert form.verdict.problems == ()
    assert "plan.xlsx, row 3: must be there; allowed: Pilot, News. Ask the CMS team." in _help(form, "media.show")


def test_what_the_plan_asks_for_is_not_folded_away(form: SessionForm) -> None:
    fields = form._view.field_list.fields
    assert {"media.show", "media.season"} <= set(fields)
    assert "Tracking plan" in fields["media.show"].input.description
    assert "Required" in fields["media.channel"].input.description
    assert "media.genre" not in fields
    assert "must be there when media.contentType = Live" in _help(form, "media.season")


def test_allowed_values_are_offered_for_fields_and_labels(form: SessionForm) -> None:
    assert isinstance(field(form, "media.show"), ipywidgets.Combobox)
    assert field(form, "media.show").options == ("Pilot", "News")
    form.set("customMetadata.house_brand", "three")
    form.set("customMetadata.other", "x")
    rows = {w.description: w for w in _all(form._view.field_list.metadata.widget) if isinstance(w, ipywidgets.Text)}
    assert rows["<code>house_brand</code>"].options == ("one", "two")
    assert not isinstance(rows["<code>other</code>"], ipywidgets.Combobox)


def test_send_and_the_client_mind_none_of_it(form: SessionForm) -> None:
    send = button(form, "Send to the sandbox")
    assert send.style == "primary"
    press(form, send)
    assert form.response is not None
    assert form.response.status == 201
    assert form.response.verdict is not None
    assert form.response.verdict.problems == ()


def test_the_twins_tell_a_breach_of_an_unset_field(form: SessionForm) -> None:
    assert "Tip: media.show is missing, and plan.xlsx, row 3, asks for it." in form.text_version()
    assert "media.show" in form.static_html()


def test_what_identifies_somebody_is_in_no_breach(sandbox: Sandbox) -> None:
    plan = TrackingPlan(
        [
            PlanRule(2, "analytics.reportSuite", values=("acme-prod",)),
            PlanRule(3, "analytics.visitorId", pattern="v.*"),
        ],
        "plan.xlsx",
    )
    form = SessionForm(sandbox, plan=plan)
    form.set("analytics.reportSuite", "ACME-PROD")
    form.set("analytics.visitorId", "jane@example.org")
    told = "\n".join(map(str, form.verdict.problems))
    assert "plan.xlsx, row 2" in told
    assert "asks for the pattern v.*" in told
    assert "acme" not in told.casefold()
    assert "jane" not in told + form.text_version() + form.static_html()


def test_a_plan_is_read_from_its_file_and_its_errors_are_said(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("key;required\nmedia.show;yes\n", encoding="utf-8")
    form = SessionForm(sandbox, plan=str(file))
    assert form.plan is not None
    assert form.plan.rules == (PlanRule(2, "media.show", required=True),)
    file.write_text("key;required\nmedia.shw;perhaps\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"2 cells(.|\n)*Row 2, column key(.|\n)*Row 2, column required"):
        SessionForm(sandbox, plan=file)
    with pytest.raises(InputError, match="There is no file"):
        SessionForm(sandbox, plan="no-such.xlsx")
    with pytest.raises(UsageError, match="this is a int"):
        SessionForm(sandbox, plan=5)  # type: ignore[arg-type]
