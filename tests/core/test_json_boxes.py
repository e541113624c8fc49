"""JSON typed into a box of an admin list."""

from django import forms

from core.fields import JSONField


class Box(forms.Form):
    value = JSONField(initial=dict)


def test_refused_text_is_shown_again_as_typed() -> None:
    """Half a character cannot be written to a page; its escape can."""
    typed = r'{"a": "\ud800"}'
    form = Box({"value": typed})
    assert not form.is_valid()
    assert form["value"].value() == typed
    assert rb"\ud800" in str(form).encode()
