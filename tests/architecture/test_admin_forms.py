"""Django's own forms write no row that a service writes: the service would check, record and announce it."""

import ast

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import RequestFactory

from accounts.models import User
from quotas.policies.selectors import MODELS
from tests.architecture.calls import WRITES, Calls
from tests.architecture.sources import dotted, sources
from tests.builders import make_office

pytestmark = pytest.mark.xdist_group("sources")  # one process parses the sources

# Reference data without a service: national officers keep it in Django's own forms, which log each change.
REFERENCE_DATA = {
    "offices.Device",
    "offices.Fee",
    "offices.Lane",
    "offices.Office",
    "offices.PaymentRule",
    "privacy.RetentionRule",
    "notices.ChannelRule",
    "booking.ReminderWording",
    "offices.Reason",
    "offices.Region",
    "offices.ServiceGroup",
    "offices.ServiceType",
}
# Forms that hand their values to a service.
THROUGH_A_SERVICE = {"accounts.User", "offices.Counter", "offices.Hall", "offices.StaffRole"}
# Lists of installed packages, for superusers only.
OF_PACKAGES = {
    "auth.Group",
    "knox.AuthToken",
    "mfa.Authenticator",
    "usersessions.UserSession",
}
# Inserted once for each year; corrections are made by hand.
SEEDED: set[str] = set()
# Files with data for several offices, and the demo's data.
LOADERS = ("scenarios", "devtools")


def written_by_services() -> set[str]:
    """Return the models whose rows a service creates, updates or deletes by a query or a constructor."""
    models = {model.__name__: model._meta.label for model in apps.get_models()}
    written = {model._meta.label for model in MODELS.values()}
    for source in sources():
        if source.in_layer("services") and source.package not in LOADERS:
            for call in source.calls:
                name = _root(call)
                is_write = isinstance(call.func, ast.Attribute) and call.func.attr in WRITES
                if name in models and (is_write or isinstance(call.func, ast.Name)):
                    written.add(models[name])
    return written


def _root(call: ast.Call) -> str:
    """Return `Model` for `Model(...)` and for `Model.objects.filter(...).update(...)`."""
    node: ast.expr = call
    while isinstance(node, ast.Call | ast.Attribute):
        node = node.func if isinstance(node, ast.Call) else node.value
    return dotted(node)


@pytest.fixture
def writable(db: None) -> set[str]:
    """The models that a superuser can add, change or delete in Django's own forms."""
    make_office()
    request = RequestFactory().get("/admin/")
    request.user = User.objects.create_superuser("akar@imigrasi.example", "kata-sandi-uji-1")
    return {
        model._meta.label
        for model, table in admin.site._registry.items()
        if table.has_add_permission(request)
        or table.has_change_permission(request)
        or table.has_delete_permission(request)
    }


def test_only_reference_data_are_written_by_djangos_own_forms(writable: set[str]) -> None:
    assert writable - OF_PACKAGES == REFERENCE_DATA | THROUGH_A_SERVICE
    assert REFERENCE_DATA & written_by_services() == SEEDED


def test_control_services_that_write_are_recognised() -> None:
    """Also those whose lists have been read-only all along."""
    names = {"offices.StaffRole", "accounts.User", "quotas.Place", "booking.Booking"}
    rules = {"quotas.QuotaPolicy", "quotas.ReleaseRule", "quotas.ReturnRule"}
    assert names | rules <= written_by_services()


def test_other_forms_hand_their_values_to_a_service() -> None:
    calls = Calls(sources())
    for label in THROUGH_A_SERVICE:
        form = admin.site._registry[apps.get_model(label)]
        name = f"{type(form).__module__}.save_model"
        reached = calls.callees(name)
        assert type(form).save_model is not admin.ModelAdmin.save_model, label
        assert any(calls.functions[one][0].in_layer("services") for one in reached), label
