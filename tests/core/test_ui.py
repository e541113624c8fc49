"""The output of the template tags."""

import re

import pytest
from django import forms
from django.template import Context, Template
from hypothesis import given
from hypothesis import strategies as st

from core import qr
from core.templatetags import ui


def ticks_by_kind(svg: str) -> dict[str, int]:
    """Return how many ticks of each kind a row has."""
    counts: dict[str, int] = {}
    for kind, start, end in re.findall(r'<path(?: class="is-(\w+)")? d="M(\d+) 6H(\d+)"', svg):
        counts[kind or "free"] = (int(end) + 1 - int(start)) // ui.UNITS_A_TICK
    return counts


def test_a_row_shows_taken_places_before_free_ones() -> None:
    assert ticks_by_kind(ui.ticks(total=75, left=31, size=25)) == {"taken": 15, "free": 10}


def test_one_remaining_place_is_shown() -> None:
    assert ticks_by_kind(ui.ticks(total=375, left=1, size=25)) == {"taken": 24, "free": 1}


def test_a_slot_has_one_tick_for_each_place() -> None:
    assert ticks_by_kind(ui.ticks(total=15, left=4)) == {"taken": 11, "free": 4}


def test_no_places_are_a_faint_row() -> None:
    assert ticks_by_kind(ui.ticks(total=0, size=12)) == {"faint": 12}


@given(st.integers(1, 2000), st.integers(0, 2000), st.integers(2, 120))
def test_a_row_has_the_given_length(total: int, left: int, size: int) -> None:
    row = ticks_by_kind(ui.ticks(total=total, left=min(left, total), size=size))
    assert sum(row.values()) == size


def test_a_row_without_a_label_is_hidden_from_screen_readers() -> None:
    assert 'aria-hidden="true"' in ui.ticks(total=5, left=2)
    assert 'role="img" aria-label="2 dari 5"' in ui.ticks(total=5, left=2, label="2 dari 5")


def test_a_state_has_an_icon_and_a_word() -> None:
    chip = ui.chip("full")
    assert 'data-state="full"' in chip
    assert "<svg" in chip
    assert "Penuh" in chip


@pytest.mark.parametrize("state", list(ui.STATE_WORDS))
def test_every_state_has_an_icon(state: str) -> None:
    assert "<path" in ui.icon(state) or "<circle" in ui.icon(state)


def test_user_input_is_escaped_in_labels() -> None:
    assert "<script>" not in ui.ticks(total=1, left=1, label="<script>")
    assert "<script>" not in ui.chip("open", "<script>")


def test_a_qr_code_is_one_path_with_a_name() -> None:
    code = qr.qr("PLG-7K4M-2Q")
    assert code.count("<path") == 1
    assert "aria-label" in code
    assert "style=" not in code


class Form(forms.Form):
    name = forms.CharField(label="Nama", help_text="Seperti di KTP.")
    kind = forms.ChoiceField(
        label="Jenis", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect
    )


def render(text: str, **context: object) -> str:
    return Template("{% load ui %}" + text).render(Context(context))


def test_the_error_summary_links_to_each_wrong_field() -> None:
    html = render("{% error_summary form %}", form=Form({}))
    assert 'href="#id_name"' in html
    assert 'href="#id_kind_0"' in html
    assert "Ada 2 hal" in html


def test_there_is_no_summary_without_errors() -> None:
    assert "errors" not in render("{% error_summary form %}", form=Form())


def test_the_title_begins_with_error_only_if_there_is_one() -> None:
    assert render("{% error_prefix form %}", form=Form({})) == "Kesalahan: "
    assert render("{% error_prefix form %}", form=Form()) == ""


def test_a_field_is_described_by_its_hint_and_error() -> None:
    html = str(Form({})["name"].as_field_group())
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described
    for identifier in described.group(1).split():
        assert f'id="{identifier}"' in html
    assert html.index("hint") < html.index('class="err"') < html.index("<input")
