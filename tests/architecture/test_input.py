"""Input is read by the fields of core only, so that one place decides what can be stored."""

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, converters, get_resolver
from rest_framework import serializers

from accounts.models import User
from core import serializer_fields
from tests.architecture.sources import PACKAGES, Source, called_name, dotted, sources
from tests.architecture.test_style import as_lines
from tests.builders import make_office
from tests.security.fuzz import subclasses_of

pytestmark = pytest.mark.xdist_group("sources")  # one process parses the sources

TYPED = (
    "CharField",
    "DateField",
    "DateTimeField",
    "DecimalField",
    "EmailField",
    "FloatField",
    "IntegerField",
    "JSONField",
    "SlugField",
    "SplitDateTimeField",
    "TimeField",
)
# A number or a time of day of these cannot leave Python's or a column's range.
STOCK_IN_SERIALIZERS = {
    "DecimalField",
    "FloatField",
    "JSONField",
    "SplitDateTimeField",
    "TimeField",
}
# Choices are compared with a list; the rest reads no typed text.
CLOSED = (
    forms.ChoiceField,
    forms.BooleanField,
    forms.ModelChoiceField,
    forms.UUIDField,
    forms.GenericIPAddressField,
    forms.MultiValueField,
    forms.fields.NullBooleanField,
)


def ours(source: Source) -> bool:
    return source.package != "core"


def test_no_form_or_serializer_uses_a_stock_field() -> None:
    faults = [
        f"{source.at(node)} {dotted(node)}"
        for source in sources()
        if ours(source)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and _is_stock(dotted(node))
    ]
    assert not faults, as_lines(faults)


def _is_stock(name: str) -> bool:
    module, _dot, kind = name.rpartition(".")
    if kind not in TYPED:
        return False
    is_api = module.endswith("serializers") and kind not in STOCK_IN_SERIALIZERS
    return module in {"forms", "django.forms"} or is_api


def test_no_stock_field_is_imported_by_name() -> None:
    modules = re.compile(r"^(django\.forms|rest_framework\.(serializers|fields))")
    faults = [
        source.at(node)
        for source in sources()
        if ours(source)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom)
        and modules.match(node.module or "")
        and {alias.name for alias in node.names} & set(TYPED)
    ]
    assert not faults, as_lines(faults)


def test_views_and_forms_leave_parsing_to_core() -> None:
    """`int()` and Python's dates accept more than a column; `core.dates`, `core.forms` and `core.fields` do not."""
    parsers = {"parse_date", "parse_datetime", "strptime"}
    faults = [
        source.at(call)
        for source in sources()
        if ours(source)
        and source.package != "devtools"
        and source.in_layer("views", "forms", "api")
        for call in source.calls
        if called_name(call) in parsers
        or dotted(call.func) in {"date.fromisoformat", "dt.date.fromisoformat"}
    ]
    assert not faults, as_lines(faults)


def test_addresses_use_bounded_numbers() -> None:
    faults = [
        str(entry.pattern)
        for entry in _patterns(get_resolver())
        if any(
            isinstance(kind, converters.IntConverter) for kind in entry.pattern.converters.values()
        )
        or r"\d+" in str(entry.pattern)
    ]
    assert set(faults) <= OF_PACKAGES, as_lines(faults)


# Django's and allauth's own addresses.
OF_PACKAGES = {
    "r/<int:content_type_id>/<path:object_id>/",
    "webauthn/<int:pk>/remove/",
    "webauthn/<int:pk>/edit/",
}


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def _is_ours(kind: type) -> bool:
    return kind.__module__.split(".")[0] in PACKAGES


def test_every_form_class_has_fields_of_core() -> None:
    kinds = subclasses_of(forms.Form) | subclasses_of(forms.ModelForm)
    faults = [
        f"{kind.__module__}.{kind.__name__}.{name}: {type(field).__name__}"
        for kind in kinds
        if _is_ours(kind)
        for name, field in kind.base_fields.items()
        if not _is_bounded(field) and name not in _inherited(kind)
    ]
    assert not faults, as_lines(sorted(faults))


def _inherited(kind: Any) -> set[str]:
    """Return the names of fields that a package's form declares, such as allauth's password."""
    return {
        name
        for base in kind.__mro__[1:]
        if not _is_ours(base)
        for name in getattr(base, "base_fields", {})
    }


def _is_bounded(field: Any) -> bool:
    return (
        isinstance(field, CLOSED)
        or type(field).__module__ in {"core.fields", "core.forms"}
        or _is_ours(type(field))
    )


def test_every_serializer_has_fields_of_core() -> None:
    stock = tuple(
        getattr(serializers, name)
        for name in TYPED
        if hasattr(serializers, name) and name not in STOCK_IN_SERIALIZERS
    )
    faults = [
        f"{kind.__module__}.{kind.__name__}.{name}"
        for kind in subclasses_of(serializers.Serializer)
        if _is_ours(kind)
        for name, field in kind._declared_fields.items()
        for each in (field, getattr(field, "child", None))
        if isinstance(each, stock) and type(each).__module__ != serializer_fields.__name__
    ]
    assert not faults, as_lines(sorted(faults))


@pytest.mark.django_db
def test_every_admin_form_has_fields_of_core() -> None:
    """Also the lists of installed packages, and inlines."""
    make_office()
    request = HttpRequest()
    request.user = User.objects.create_superuser("akar@imigrasi.example", "kata-sandi-uji-1")
    faults = []
    checked = 0
    for model, table in admin.site._registry.items():
        kinds = [table.get_form(request, change=True)]
        kinds += [
            inline.get_formset(request).form for inline in table.get_inline_instances(request)
        ]
        for kind in kinds:
            for name, field in kind.base_fields.items():
                checked += 1
                if not _is_bounded(field):
                    faults.append(f"{model._meta.label}.{name}: {type(field).__name__}")
    assert checked > 50
    assert not faults, as_lines(faults)
