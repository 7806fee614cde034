"""The form with a tracking plan: hints that cite their row, suggested values, and sending despite violations."""

from __future__ import annotations

from pathlib import Path

import ipywidgets
import pytest

from mctoolkit import InputError, ManualClock, Sandbox, SessionForm, TrackingPlan, UsageError
from mctoolkit.validation.tracking_plan import Condition, PlanRule
from tests.widgets.conftest import NOW_MS
from tests.widgets.form_page import FormPage, all_widgets

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
def form(sandbox: Sandbox) -> SessionForm:
    return SessionForm(sandbox, clock=ManualClock(NOW_MS, step_ms=4), plan=PLAN)


def test_violation_is_a_hint_that_cites_its_row(form: SessionForm, page: FormPage) -> None:
    assert [(problem.where, problem.level, problem.source) for problem in form.verdict.problems] == [
        ('params["media.show"]', "hint", "plan.xlsx, row 3"), ("customMetadata.house_brand", "hint", "plan.xlsx, row 6"),
    ]  # fmt: skip
    assert form.verdict.ok
    assert "media.show is missing. plan.xlsx, row 3, requires it. Ask the CMS team." in page.message("media.show")
    assert "Tracking plan: 5 rules of plan.xlsx." in page.view.widget.children[2].value
    form.set("media.show", "news")
    assert "allows: Pilot, News" in page.message("media.show")
    page.fix("Make it News")
    form.set("customMetadata.house_brand", "one")
    assert form.verdict.problems == ()
    assert "plan.xlsx, row 3: required; allowed values: Pilot, News. Ask the CMS team." in page.message("media.show")


def test_planned_fields_are_not_folded(page: FormPage) -> None:
    fields = page.view.field_list.fields
    assert {"media.show", "media.season"} <= set(fields)
    assert "Tracking plan" in fields["media.show"].input.description
    assert "Required" in fields["media.channel"].input.description
    assert "media.genre" not in fields
    assert "required if media.contentType = Live" in page.message("media.season")


def test_allowed_values_are_suggested(form: SessionForm, page: FormPage) -> None:
    assert isinstance(page.field("media.show"), ipywidgets.Combobox)
    assert page.field("media.show").options == ("Pilot", "News")
    form.set("customMetadata.house_brand", "three")
    form.set("customMetadata.other", "x")
    rows = {
        w.description: w for w in all_widgets(page.view.field_list.metadata.widget) if isinstance(w, ipywidgets.Text)
    }
    assert rows["<code>house_brand</code>"].options == ("one", "two")
    assert not isinstance(rows["<code>other</code>"], ipywidgets.Combobox)


def test_violations_do_not_prevent_sending(form: SessionForm, page: FormPage) -> None:
    send = page.button("Send to the sandbox")
    assert send.style == "primary"
    page.click(send)
    assert form.response is not None
    assert form.response.status == 201
    assert form.response.verdict is not None
    assert form.response.verdict.problems == ()


def test_outputs_show_violation_of_unset_field(form: SessionForm) -> None:
    assert ": media.show is missing. plan.xlsx, row 3, requires it." in form.text_version()
    assert "media.show" in form.static_html()


def test_violations_hide_identifiers(sandbox: Sandbox) -> None:
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
    messages = "\n".join(map(str, form.verdict.problems))
    assert "plan.xlsx, row 2" in messages
    assert "requires the pattern v.*" in messages
    assert "acme" not in messages.casefold()
    assert "jane" not in messages + form.text_version() + form.static_html()


def test_plan_is_read_from_file(sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "plan.csv"
    file.write_text("key;required\nmedia.show;yes\n", encoding="utf-8")
    form = SessionForm(sandbox, plan=str(file))
    assert form.plan is not None
    assert form.plan.rules == (PlanRule(2, "media.show", required=True),)
    file.write_text("key;required\nmedia.shw;perhaps\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"2 cells(.|\n)*Row 2, column key(.|\n)*Row 2, column required"):
        SessionForm(sandbox, plan=file)
    with pytest.raises(InputError, match="does not exist"):
        SessionForm(sandbox, plan="no-such.xlsx")
    with pytest.raises(UsageError, match="not int"):
        SessionForm(sandbox, plan=5)  # type: ignore[arg-type]
