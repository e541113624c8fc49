"""Look-ups in the address of an admin list do not reveal what the list hides."""

from collections.abc import Iterator
from datetime import timedelta
from string import ascii_letters, digits
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.filters import FieldListFilter
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Field, Model
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.models import User
from core.admin import NamedFiltersAdmin
from notices.models import Message
from notices.services import queue_message
from offices.staff.models import Role
from quotas.places.models import Place
from tests.builders import NOW, make_booking, make_office, make_officer, make_user

pytestmark = pytest.mark.django_db
LOOKUPS = (
    "",
    "__exact",
    "__startswith",
    "__contains",
    "__regex",
    "__gt",
    "__lte",
    "__in",
    "__isnull",
)
SENT = 3  # names of each table in `make test`
LISTS = sorted(admin.site._registry.items(), key=lambda pair: pair[0]._meta.label)
IDS = [model._meta.label for model, _list in LISTS]
# Fields that no list shows in full, or at all. A list must not filter, search or sort by them.
HIDDEN = {
    "accounts.User": {"password"},
    "notices.Message": {"address", "context", "subject", "body", "dedupe_key"},
    "quotas.Place": {"cooldown_until", "holder"},
    "booking.Applicant": {"identity_number", "person_key", "phone", "birth_date"},
    "booking.Booking": {"person_key", "key"},
}


@pytest.fixture
def root(client: Client) -> Client:
    make_office()  # without an office, nobody may read its lists
    client.force_login(User.objects.create_superuser("root@contoh.id", "x", full_name="Akar"))
    return client


def list_of(model: type[Model]) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def parameters_of_filters(table: Any, model: type[Model]) -> set[str]:
    """What Django's own filters of the list say that they read from the address."""
    request = RequestFactory().get("/")
    request.user = User(pk=0, is_superuser=True, is_staff=True)
    names: set[str] = set()
    for item in table.list_filter:
        if isinstance(item, type):
            names.add(str(vars(item)["parameter_name"]))
            continue
        path, create = item if isinstance(item, tuple) else (item, FieldListFilter.create)
        field = get_fields_from_path(model, path)[-1]
        names |= set(create(field, request, {}, model, table, path).expected_parameters())
    if table.date_hierarchy:
        names |= {f"{table.date_hierarchy}__{part}" for part in ("year", "month", "day")}
    return names


def paths_of(model: type[Model]) -> Iterator[str]:
    """Every field of a table and of the tables that it points to."""
    for field in model._meta.get_fields():
        yield field.name
        if isinstance(field, Field) and field.related_model:
            for other in field.related_model._meta.get_fields():
                yield f"{field.name}__{other.name}"


def names_not_listed(model: type[Model], table: Any) -> list[str]:
    """Every look-up that is not a parameter of one of the list's filters."""
    listed = parameters_of_filters(table, model)
    # Whether a filtered field is empty: a filter offers it only where the field can be.
    fields = [item for item in table.list_filter if not isinstance(item, type)]
    listed |= {f"{item[0] if isinstance(item, tuple) else item}__isnull" for item in fields}
    return [
        f"{path}{lookup}"
        for path in paths_of(model)
        for lookup in LOOKUPS
        if f"{path}{lookup}" not in listed
    ]


@pytest.mark.parametrize(("model", "table"), LISTS, ids=IDS)
def test_no_list_accepts_a_look_up_that_is_not_listed(model: type[Model], table: Any) -> None:
    assert isinstance(table, NamedFiltersAdmin)
    names = names_not_listed(model, table)
    assert len(names) > 10
    assert [name for name in names if table.lookup_allowed(name, "a", None)] == []


@pytest.mark.parametrize(("model", "table"), LISTS, ids=IDS)
def test_a_look_up_that_is_not_listed_is_refused_over_http(
    request: pytest.FixtureRequest, root: Client, model: type[Model], table: Any
) -> None:
    """Some names of each table; `make test-long` sends all, which the test above checks without HTTP."""
    names = [name for name in names_not_listed(model, table) if name.endswith("__startswith")]
    assert names
    step = 1 if request.config.getoption("--slow") else max(1, len(names) // SENT)
    for name in names[::step]:
        assert root.get(list_of(model), {name: "a"}).status_code == 400, name
    for name in names[:2]:
        shown = root.get(list_of(model), {name: "a", "q": "a", "_facets": "True", "all": ""})
        assert shown.status_code == 400, name


@pytest.mark.parametrize(("model", "table"), LISTS, ids=IDS)
def test_every_filter_of_a_list_works(root: Client, model: type[Model], table: Any) -> None:
    """The guard must not break the filters themselves."""
    for name in sorted(parameters_of_filters(table, model)):
        assert table.lookup_allowed(name, "1", None), name
    assert root.get(list_of(model)).status_code == 200


@pytest.mark.parametrize(("model", "table"), LISTS, ids=IDS)
def test_no_list_filters_searches_or_sorts_by_a_hidden_field(
    model: type[Model], table: Any
) -> None:
    hidden = HIDDEN.get(model._meta.label, set())
    assert hidden <= {field.name for field in model._meta.get_fields()}
    used = {str(item[0] if isinstance(item, tuple) else item) for item in table.list_filter}
    used |= {name.lstrip("=^@") for name in table.search_fields}
    used |= {str(table.date_hierarchy), *table.list_display}
    for name in table.list_display:
        shown = getattr(table, str(name), None)
        used.add(str(getattr(shown, "admin_order_field", "")))
    assert not used & hidden


@pytest.mark.parametrize(
    "label", ["knox.AuthToken", "mfa.Authenticator", "usersessions.UserSession"]
)
def test_tables_of_sign_in_secrets_have_no_list(label: str) -> None:
    assert label not in IDS


def unguard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NamedFiltersAdmin, "lookup_allowed", admin.ModelAdmin.lookup_allowed)


def rows(client: Client, model: type[Model], **look_up: Any) -> int:
    """The number of rows that the list shows for a look-up; 0 if it is refused."""
    answer = client.get(list_of(model), look_up)
    return len(answer.context["cl"].result_list) if answer.status_code == 200 else 0


def guess(client: Client, model: type[Model], field: str, *, pk: int, length: int) -> str:
    """Read a field of one row, one character at a time, by what the list shows."""
    text = ""
    for _place in range(length):
        for letter in f"{ascii_letters}{digits}$@._-":
            if rows(client, model, **{"pk": pk, f"{field}__startswith": text + letter}):
                text += letter
                break
    return text


@pytest.fixture
def national(client: Client) -> Client:
    """A national officer, who may open the lists but read none of the hidden fields."""
    make_office()  # without an office, nobody may read its lists
    client.force_login(make_officer(None, Role.NATIONAL))
    return client


@pytest.fixture
def victim() -> User:
    return make_user("korban@contoh.id")


@pytest.fixture
def message(victim: User) -> Message:
    queue_message(
        kind="booking_kept",
        dedupe_key="a",
        address=victim.email,
        language="id",
        context={"code": "ACDEFGHJKM"},
        now=NOW,
    )
    return Message.objects.get()


def test_password_hashes_and_masked_addresses_cannot_be_read(
    national: Client, victim: User, message: Message
) -> None:
    assert guess(national, User, "password", pk=victim.pk, length=2) == ""
    assert guess(national, Message, "address", pk=message.pk, length=2) == ""


def test_control_without_the_guard_they_are_read(
    national: Client, victim: User, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer attacks anything."""
    unguard(monkeypatch)
    assert guess(national, User, "password", pk=victim.pk, length=8) == victim.password[:8]
    assert guess(national, Message, "address", pk=message.pk, length=6) == victim.email[:6]


def freed_place() -> Place:
    """A place in its secret cooldown."""
    place = make_booking().slot.places.filter(holder=None).first() or Place.objects.first()
    assert place is not None
    Place.objects.filter(pk=place.pk).update(cooldown_until=NOW + timedelta(minutes=97))
    return place


def minutes_of_cooldown(client: Client) -> int | None:
    """Find the secret end of a cooldown by halving the interval."""
    low, high = 0, 1024
    while high - low > 1:
        middle = (low + high) // 2
        moment = (NOW + timedelta(minutes=middle)).isoformat()
        if rows(client, Place, cooldown_until__gte=moment):
            low = middle
        else:
            high = middle
    return low or None


def test_the_secret_end_of_a_cooldown_cannot_be_read(national: Client) -> None:
    freed_place()
    assert minutes_of_cooldown(national) is None


def test_control_without_the_guard_the_end_of_a_cooldown_is_read(
    national: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If this fails, the test above no longer attacks anything."""
    unguard(monkeypatch)
    freed_place()
    assert minutes_of_cooldown(national) == 97


def test_a_search_finds_people_and_officers_by_the_whole_value_only(national: Client) -> None:
    booking = make_booking()
    supervisor = make_officer(booking.office, Role.SUPERVISOR, email="atasan@imigrasi.example")
    national.force_login(supervisor)
    people = reverse("admin:booking_applicant_changelist")
    assert not national.get(people, {"q": booking.code[:4]}).context["cl"].result_list
    assert len(national.get(people, {"q": booking.code}).context["cl"].result_list) == 1
    roles = reverse("admin:offices_staffrole_changelist")
    assert not national.get(roles, {"q": "atasan@"}).context["cl"].result_list
    assert len(national.get(roles, {"q": supervisor.email}).context["cl"].result_list) == 1
