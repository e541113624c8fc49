"""The terms of a rule as text: what a history line and a preview show before and after."""

from typing import Any

from django.utils.translation import gettext as _

from quotas.plan.decrees import KINDS, Decree, to_json
from quotas.policies.models import RuleChange
from quotas.policies.selectors import choices_of, field_label

DECREES = {kind.rule: kind for kind in KINDS}


def terms_of(decree: Decree | None) -> dict[str, Any]:
    """Return the terms of a decree as the history keeps them; empty without a decree."""
    if decree is None:
        return {}
    values = decree.values(*type(decree).terms())
    return {name: to_json(value) for name, value in values.items()}


def changed_lines(
    kind: type[Decree], before: dict[str, Any], after: dict[str, Any]
) -> list[tuple[str, str, str]]:
    """Return label, old and new text of each term that differs."""
    return [
        (
            field_label(kind, name),
            _text(_choice(kind, name, before.get(name))),
            _text(_choice(kind, name, value)),
        )
        for name, value in after.items()
        if before.get(name) != value
    ]


def lines_of(change: RuleChange) -> list[tuple[str, str, str]]:
    """Return label, old and new text of each field that a recorded change changed."""
    kind = DECREES.get(change.kind)
    if kind is not None:
        return changed_lines(kind, change.before, change.after)
    labels = {"places": _("tempat"), "hour": _("jam"), "protocol": _("protokol")}
    return [
        (labels.get(name, name), _text(change.before.get(name)), _text(value))
        for name, value in change.after.items()
        if change.before.get(name) != value
    ]


def _choice(kind: type[Decree], name: str, value: Any) -> Any:
    """Return the label of a value that is one of a field's choices, else the value."""
    choices = choices_of(kind, name)
    if isinstance(value, list):
        return [choices.get(one, one) if isinstance(one, str) else one for one in value]
    return choices.get(value, value)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("ya") if value else _("tidak")
    if isinstance(value, list):
        return ", ".join(
            ":".join(map(str, one)) if isinstance(one, list) else str(one) for one in value
        )
    return "–" if value is None else str(value)
