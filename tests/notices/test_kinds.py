"""Every kind of message has its templates, and they need only what its rows contain."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.template import Engine, engines
from django.template.base import Node, Template, TextNode, Variable, VariableNode
from django.utils.translation import gettext_lazy

from notices.composing import compose
from notices.kinds import KINDS, MessageKind, register
from notices.models import Message
from notices.services import new_message
from notices.snapshots import from_json, to_json

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
OFFICE = {
    "code": "palembang",
    "name": "Kantor Palembang",
    "address": "Jalan Merdeka 1",
    "time_zone": "Asia/Jakarta",
}
SLOT = {"starts_at": NOW, "ends_at": NOW, "time_zone": "Asia/Jakarta"}
# A value for each key that a context can have. Values with several meanings are tested below.
VALUES: dict[str, Any] = {
    "amount": 650_000,
    "office": OFFICE,
    "slot": SLOT,
    "was": SLOT,
    "low": 25,
    "high": 40,
    "service": "Paspor baru",
    "documents": [{"name": "KTP", "is_required": True}, {"name": "Akta", "is_required": False}],
    "bookings": [{"id": "0198", "code": "ACDEFGHJKM", "name": "Siti R.", "version": 1}],
    "left": 2,
    "rank": 7,
    "places": 375,
    "window": 12,
    "status": "lapsed",
    "change": "password_set",
    "role": "gate",
    "kind": "export",
    "request": 7,
    "days": 14,
}
OTHERS = {
    "booking_confirmed": {"bookings": VALUES["bookings"] * 2, "is_changeable": False},
    "waiting_offer": {"left": 0, "stop_url": ""},
    "draw_won": {"is_later": False, "rank": None},
    "draw_lost": {"is_closed": False},
    "draw_needs_value": {"is_reminder": False},
    "restriction_answered": {"is_lifted": False},
    "privacy_answered": {"is_granted": False},
    "privacy_due": {"is_late": False},
    "contest_decided": {"status": "dismissed"},
    "passport_ready": {"has_drive_thru": False},
    "passport_waiting": {"has_drive_thru": False, "days": 1},
    "account_changed": {"change": "unknown_to_us"},
    "account_failed_sign_ins": {"what": "code"},
}
MISSING = "(missing)"


def value_of(key: str) -> Any:
    if key in VALUES:
        return VALUES[key]
    if key.startswith(("is_", "has_")):
        return True
    if key.endswith("_at"):
        return NOW
    if key.endswith("_on"):
        return NOW.date()
    return f"https://paspor.example/{key}/" if key.endswith("url") else f"value-of-{key}"


def message_of(kind: MessageKind, language: str, **changes: Any) -> Message:
    context = {key: value_of(key) for key in kind.keys} | changes
    return new_message(
        kind=kind.name,
        dedupe_key=kind.name,
        address="siti@contoh.id",
        language=language,
        context=context,
        now=NOW,
    )


@pytest.fixture
def visible_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    """A template shows names that it cannot resolve."""
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]
    monkeypatch.setattr(engine, "string_if_invalid", MISSING)


@pytest.mark.usefixtures("visible_gaps")
@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("name", sorted(KINDS))
def test_every_kind_is_composed_in_both_languages(name: str, language: str) -> None:
    for changes in ({}, OTHERS.get(name, {})):
        composed = compose(message_of(KINDS[name], language, **changes))
        text = f"{composed.subject}\n{composed.body}\n{composed.html}\n{composed.calendar}"
        assert composed.subject
        assert composed.body.count("\n\n")
        for gap in (MISSING, "{{", "{%", "%(", "None", "\n\n\n"):
            assert gap not in f"{composed.subject}\n{composed.body}", f"{name}: {gap}"
        assert MISSING not in text


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_two_languages_of_a_kind_differ(name: str) -> None:
    indonesian, english = (compose(message_of(KINDS[name], code)) for code in ("id", "en"))
    assert indonesian.subject != english.subject
    assert indonesian.body != english.body


@pytest.mark.parametrize("name", sorted(KINDS))
def test_a_kind_with_a_missing_value_is_not_composed(name: str) -> None:
    """A row of an older release is not sent with gaps."""
    for key in KINDS[name].keys:
        message = message_of(KINDS[name], "id")
        del message.context[key]
        with pytest.raises(Exception, match=rf"\b{key}\b"):
            compose(message)


def test_a_context_that_does_not_match_its_kind_is_refused() -> None:
    for context in ({}, {"code": "A", "more": 1}):
        with pytest.raises(ValueError, match="does not fit its kind"):
            new_message(
                kind="booking_kept",
                dedupe_key="x",
                address="a@b.id",
                language="id",
                context=context,
                now=NOW,
            )


@pytest.mark.parametrize("name", sorted(KINDS))
def test_templates_use_only_the_values_of_their_kind(name: str) -> None:
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]
    kind = KINDS[name]
    known = set(kind.keys | kind.optional)
    if kind.texts is not None:
        known |= set(kind.texts(from_json(message_of(kind, "id").context)))
    for file in ("subject.txt", "body.txt"):
        template = engine.get_template(f"notices/{name}/{file}")
        assert names_in(template) <= known, file


def names_in(template: Template) -> set[str]:
    """Return the root names that a template reads and does not set itself."""
    read: set[str] = set()
    own: set[str] = set()
    todo: list[Any] = list(template.nodelist)
    while todo:
        item = todo.pop()
        if isinstance(item, Variable):
            if item.lookups:
                read.add(item.lookups[0])
        elif isinstance(item, list | tuple):
            todo += item
        elif isinstance(item, dict):
            own |= set(item)
            todo += item.values()
        elif isinstance(item, Node) and not isinstance(item, TextNode):
            own |= {getattr(item, "target_var", None) or getattr(item, "asvar", None) or ""}
            todo += [getattr(item, attribute) for attribute in vars(item)]
            own |= {getattr(item, "countervar", None) or ""}
        elif hasattr(item, "filters"):
            todo += [item.var, *(arg for _filter, args in item.filters for _is_var, arg in args)]
        elif hasattr(item, "first") or hasattr(item, "value"):
            todo += [getattr(item, part, None) for part in ("first", "second", "value")]
        elif getattr(getattr(item, "token_type", None), "name", "") == "VAR":
            read.add(item.contents.split("|")[0].split(".")[0])
    return read - own - {""}


def test_template_variables_are_read() -> None:
    """If this fails, the test above proves nothing."""
    engine: Engine = engines["django"].engine  # type: ignore[attr-defined]
    template = engine.from_string(
        "{% load i18n formats %}{% day_and_hours a.b c d.e as own %}{{ f|default:g }}"
        "{% if h == i %}{% blocktranslate with j=k %}{{ j }} {{ l }} {{ own }}{% endblocktranslate %}{% endif %}"
    )
    assert names_in(template) == set("acdfghikl")
    assert isinstance(template.nodelist[-2], VariableNode)


def test_two_kinds_with_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="booking_kept"):
        register(MessageKind(name="booking_kept", keys=frozenset()))


# --- Snapshots ---------------------------------------------------------------------------------------
def test_a_snapshot_restores_values_times_and_dates() -> None:
    number = UUID(int=7)
    context = {"a": {"made_at": NOW, "day_on": date(2026, 2, 1)}, "b": [1, None, True, number]}
    plain = to_json(context)
    assert plain == {
        "a": {"made_at": "2026-11-23T02:00:00+00:00", "day_on": "2026-02-01"},
        "b": [1, None, True, str(number)],
    }
    assert from_json(plain) == {**context, "b": [1, None, True, str(number)]}


@pytest.mark.parametrize(
    "context",
    [{"made": NOW}, {"day": NOW.date()}, {"text": gettext_lazy("Kantor")}, {"thing": object()}],
)
def test_a_snapshot_refuses_lazy_texts_and_misnamed_times(
    context: dict[str, Any],
) -> None:
    with pytest.raises(TypeError):
        to_json(context)
