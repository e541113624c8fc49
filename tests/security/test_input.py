"""Input that used to end in a server error, each attack with a control that shows what the guard prevents."""

import datetime as dt
import json
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib import admin
from django.core.wsgi import get_wsgi_application
from django.db import transaction
from django.http import QueryDict
from django.test import Client, RequestFactory
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser as StockParser

from accounts.forms import AddSecurityKeyForm, SecurityKeyForm
from accounts.models import User
from booking.people.forms import DayMonthYearField
from booking.people.models import Applicant
from core import fields
from core.converters import DayConverter, IdConverter
from core.dates import FIRST_DAY, LAST_DAY, monday_of, parse_day
from core.json_text import DEEPEST, is_too_deep, read_json
from core.lookups import WrongLookup, check_lookups, check_selection
from core.parsers import JSONParser
from offices.admin import FeeAdmin
from offices.directory.models import Fee, Office
from offices.staff.models import Role
from passport_office.wsgi import application
from tests.builders import make_officer, make_open_office, make_person, make_user
from tests.security import fuzz

FORM = "application/x-www-form-urlencoded"
DEEP = b"[" * 100_000
PASSWORD = "kata-sandi-uji-1"


def without(settings: Any, name: str) -> None:
    """Remove a middleware."""
    settings.MIDDLEWARE = [each for each in settings.MIDDLEWARE if not each.endswith(name)]


def status_of(method: str, path: str, **options: Any) -> int:
    client = Client(raise_request_exception=False)
    with transaction.atomic():
        status: int = client.generic(method, path, **options).status_code
        transaction.set_rollback(True)
    return status


REQUESTS: dict[str, tuple[str, str, dict[str, Any], int]] = {
    "NUL in an address": ("GET", "/moves/a%00b/", {}, 404),
    "NUL in a query": ("GET", "/akun/login/", {"QUERY_STRING": "next=%00"}, 400),
    "NUL in a form": ("POST", "/akun/login/", {"data": b"login=%00", "content_type": FORM}, 400),
    "a codec that is no charset": (
        "POST",
        "/akun/login/",
        {"data": b"login=a", "content_type": f"{FORM}; charset=base64"},
        415,
    ),
    "UTF-16": (
        "POST",
        "/akun/login/",
        {"data": "login=a".encode("utf-16"), "content_type": f"{FORM}; charset=utf-16"},
        415,
    ),
    "another charset for JSON": (
        "POST",
        "/api/v1/auth/token/",
        {"data": b"{}", "content_type": "application/json; charset=rot13"},
        415,
    ),
    "nested brackets without sign-in": (
        "POST",
        "/api/v1/auth/token/",
        {"data": DEEP, "content_type": "application/json"},
        400,
    ),
    "nested brackets in a form": (
        "POST",
        "/akun/login/",
        {"data": b"login=" + DEEP, "content_type": FORM},
        400,
    ),
    "too many fields": (
        "POST",
        "/akun/login/",
        {"data": b"&".join(b"a%d=" % n for n in range(2_000)), "content_type": FORM},
        400,
    ),
    "too many bytes": (
        "POST",
        "/akun/login/",
        {"data": b"a=" + b"x" * 1_100_000, "content_type": FORM},
        413,
    ),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_that_no_view_can_read_is_refused(name: str) -> None:
    method, path, options, status = REQUESTS[name]
    assert status_of(method, path, **options) == status


def call(application: Any) -> str:
    """Send a query with a codec that reads no text, as the web server does; return the status."""
    statuses: list[str] = []
    environ = RequestFactory()._base_environ(  # type: ignore[attr-defined]
        PATH_INFO="/robots.txt",
        QUERY_STRING="next=/",
        CONTENT_TYPE="text/plain; charset=base64",
    )
    answer = application(environ, lambda status, _headers: statuses.append(status))
    b"".join(answer)
    return statuses[0]


def test_the_servers_requests_are_read_as_utf_8(kept_connection: None) -> None:
    assert call(application).startswith("415 ")


def test_control_djangos_request_fails_before_any_middleware(kept_connection: None) -> None:
    with pytest.raises(LookupError, match="base64"):
        call(get_wsgi_application())


def status_for_supervisor(path: str) -> int:
    client = Client(raise_request_exception=False)
    client.force_login(make_officer(make_open_office("palembang"), Role.SUPERVISOR))
    status: int = client.get(path).status_code
    return status


@pytest.mark.django_db
def test_an_officers_screen_refuses_nul() -> None:
    assert status_for_supervisor("/admin/today/?office=%00") == 400


@pytest.mark.django_db
def test_control_the_database_cannot_be_given_nul() -> None:
    with pytest.raises(ValueError, match="NUL"):
        Office.objects.filter(code="\x00").exists()


@pytest.mark.django_db
def test_a_refusal_is_a_sentence_in_the_readers_language() -> None:
    method, path, options, _status = REQUESTS["NUL in a query"]
    page = Client().generic(method, path, headers={"Accept-Language": "id"}, **options)
    assert "Belum ada yang berubah" in page.content.decode()
    method, path, options, _status = REQUESTS["nested brackets without sign-in"]
    answer = Client().generic(method, path, **options)
    assert (answer.json()["code"], answer["Content-Type"]) == ("invalid", "application/json")


# --- Length --------------------------------------------------------------------------------------
def sign_in(missing: int) -> Any:
    """Ask for a token with a body that is shorter than announced."""
    make_user("siti@contoh.id")
    body = json.dumps({"email": "siti@contoh.id", "password": PASSWORD}).encode()
    options: dict[str, Any] = {
        "wsgi.input": BytesIO(body),
        "CONTENT_LENGTH": str(len(body) + missing),
        "CONTENT_TYPE": "application/json",
    }
    return Client().post("/api/v1/auth/token/", **options)


@pytest.mark.django_db
def test_a_truncated_body_is_not_executed() -> None:
    answer = sign_in(missing=50)
    assert (answer.status_code, answer.json()["code"]) == (400, "incomplete")


@pytest.mark.django_db
def test_control_without_the_middleware_a_truncated_body_is_executed(settings: Any) -> None:
    without(settings, "InputMiddleware")
    assert sign_in(missing=50).status_code == 200


@pytest.mark.django_db
def test_a_body_without_its_length_is_refused() -> None:
    answer = Client().post(
        "/api/v1/auth/token/", CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="chunked"
    )
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


# --- Cookies -------------------------------------------------------------------------------------
COOKIE = {"HTTP_COOKIE": 'sessionid="\\000aaaaaaaaaaaaaaaa"'}


@pytest.mark.django_db
def test_a_cookie_with_nul_is_ignored() -> None:
    assert status_of("GET", "/people/", **COOKIE) == 302


@pytest.mark.django_db
def test_control_without_the_middleware_such_a_cookie_is_a_server_error(settings: Any) -> None:
    without(settings, "CookieMiddleware")
    assert status_of("GET", "/people/", **COOKIE) == 500


# --- Dates and numbers ---------------------------------------------------------------------------
DAYS = (
    "9999-12-31",
    "0001-01-01",
    "1999-12-31",
    "2100-01-01",
    "10000-01-01",
    "2026-02-30",
)


@pytest.mark.parametrize("text", DAYS)
def test_a_day_outside_the_calendar_is_refused_everywhere(text: str) -> None:
    assert parse_day(text) is None
    with pytest.raises(ValueError, match=text):
        DayConverter().to_python(text)
    for field in (fields.DateField(), fields.DateTimeField()):
        with pytest.raises(forms.ValidationError):
            field.clean(text)


def test_the_first_and_the_last_day_are_accepted() -> None:
    for day in (FIRST_DAY, LAST_DAY):
        assert fields.DateField().clean(day.isoformat()) == day


def test_control_the_stock_field_accepts_days_that_cannot_be_computed_with() -> None:
    last, first = (forms.DateField().clean(text) for text in DAYS[:2])
    with pytest.raises(OverflowError):
        last + dt.timedelta(days=7)
    with pytest.raises(OverflowError):
        monday_of(first) - dt.timedelta(days=1)


@pytest.mark.django_db
@pytest.mark.parametrize("text", DAYS)
def test_an_address_with_such_a_day_does_not_exist(text: str) -> None:
    office = make_open_office("palembang")
    assert status_of("GET", f"/offices/{office.code}/{text}/") == 404


def test_a_number_beyond_64_bits_in_a_date_box_names_the_box() -> None:
    for value in (["9" * 30, "6", "1988"], ["14", "9" * 5_000, "1988"], ["14", "6", "9" * 30]):
        with pytest.raises(forms.ValidationError, match=r"angka"):
            DayMonthYearField().clean(value)


def test_numbers_fit_their_columns() -> None:
    for text in ("9" * 30, "-" + "9" * 30, "2147483648"):
        with pytest.raises(forms.ValidationError, match=r"besar"):
            fields.IntegerField().clean(text)
    assert fields.IntegerField().clean(" 1２ ") == 12
    with pytest.raises(forms.ValidationError):
        fields.DecimalField().clean("1e999999")


def test_an_address_with_a_number_beyond_63_bits_does_not_match() -> None:
    assert not re.fullmatch(IdConverter.regex, "9" * 19)
    assert IdConverter().to_python("9" * 18) < 2**63


# --- JSON ----------------------------------------------------------------------------------------
def parsed_by(parser: Any) -> Callable[[bytes], Any]:
    return lambda body: parser.parse(BytesIO(body), "application/json", {"encoding": "utf-8"})


def test_control_the_stock_parser_runs_out_of_stack() -> None:
    with pytest.raises(RecursionError):
        parsed_by(StockParser())(DEEP)


@pytest.mark.parametrize("body", [DEEP, b'"\\ud800"', b"\xff", b"9" * 5_000, b"[NaN]", b""])
def test_json_that_cannot_be_read_is_a_parse_error(body: bytes) -> None:
    with pytest.raises(ParseError, match="JSON"):
        parsed_by(JSONParser())(body)


def test_brackets_inside_of_texts_are_not_nested() -> None:
    text = json.dumps(["[" * 1_000, '"' + "{" * 1_000] * 20)
    assert not is_too_deep(text)
    assert read_json(text) == json.loads(text)
    assert not is_too_deep("[" * DEEPEST + "]" * DEEPEST)
    assert is_too_deep("[" * (DEEPEST + 1))


# --- Admin lists ---------------------------------------------------------------------------------
LOOKUPS = (
    "valid_from__year=0",
    "valid_from__year=99999",
    "valid_from__year=" + "9" * 5_000,
    "valid_from__year=2026&valid_from__month=2&valid_from__day=31",
    "valid_from__gte=9999-12-31",
    "valid_from__lt=0001-01-01",
    "id=" + "9" * 30,
)


@pytest.mark.parametrize("query", LOOKUPS)
def test_a_look_up_that_cannot_be_computed_is_refused(query: str) -> None:
    with pytest.raises(WrongLookup):
        check_lookups(QueryDict(query))


def test_ordinary_look_ups_pass() -> None:
    check_lookups(
        QueryDict("valid_from__year=2026&valid_from__month=2&valid_from__day=28&q=" + "9" * 30)
    )
    check_lookups(QueryDict("day__gte=2026-12-04+00:00:00%2B07:00&p=3&o=-1.2&code__in=a,b&all="))


@pytest.mark.django_db
def test_an_admin_list_refuses_such_a_look_up(client: Client) -> None:
    client.force_login(User.objects.create_superuser("akar@imigrasi.example", PASSWORD))
    answer = client.get("/admin/offices/fee/?valid_from__year=99999")
    assert answer.status_code == 400
    assert "Saringan" in answer.content.decode()


class UnguardedFeeAdmin(FeeAdmin):
    """Without the guard of named filters."""

    def lookup_allowed(self, lookup: str, value: Any, request: Any = None) -> bool:
        return True


@pytest.mark.django_db
def test_control_djangos_list_computes_with_any_year() -> None:
    make_open_office("palembang")
    request = RequestFactory().get("/", {"valid_from__year": "99999"})
    request.user = User.objects.create_superuser("akar@imigrasi.example", PASSWORD)
    with pytest.raises((ValueError, OverflowError)):
        UnguardedFeeAdmin(Fee, admin.site).changelist_view(request).render()  # type: ignore[attr-defined]


def test_a_json_box_of_a_list_holds_what_its_column_can_store() -> None:
    box = fields.JSONField(required=False, initial=list)
    assert box.clean("") == []
    assert box.clean('[{"code": "ktp"}]') == [{"code": "ktp"}]
    for text in ("null", "5", "{}", "[1e999]", "[NaN]", '["\\u0000"]', '["\\ud800"]', "[" * 9_999):
        with pytest.raises(forms.ValidationError):
            box.clean(text)


def test_control_the_stock_box_accepts_what_no_column_can_store() -> None:
    box = forms.JSONField(required=False)
    assert box.clean("") is None
    assert box.clean("[1e999]") == [float("inf")]
    assert box.clean('["\\u0000"]') == ["\x00"]
    with pytest.raises(RecursionError):
        box.clean("[" * 100_000)


KEY_ANSWERS = ("9" * 5_000, '{"a": "\\ud800"}', "[]", "7", fuzz.KEY_ANSWER)


@pytest.mark.django_db
@pytest.mark.parametrize("answer", KEY_ANSWERS)
@pytest.mark.parametrize("form", [AddSecurityKeyForm, SecurityKeyForm])
def test_an_answer_of_no_security_key_is_refused(form: Any, answer: str) -> None:
    assert not form({"credential": answer}, user=make_user()).is_valid()


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [KEY_ANSWERS[0], KEY_ANSWERS[-1]])
def test_control_the_librarys_form_fails_on_such_an_answer(answer: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - from the parsers of JSON and of CBOR
        AddWebAuthnForm({"credential": answer}, user=make_user()).is_valid()


@pytest.mark.parametrize("key", ["abc", "9" * 30, "\u00b2"])
def test_a_ticked_row_without_a_key_is_refused(key: str) -> None:
    with pytest.raises(WrongLookup):
        check_selection(Fee, QueryDict(urlencode({"_selected_action": key})))
    check_selection(Fee, QueryDict("_selected_action=7&_selected_action=8"))


@pytest.mark.django_db
def test_control_django_compares_any_text_with_the_keys() -> None:
    with pytest.raises(ValueError, match="expected a number"):
        Fee.objects.filter(pk__in=["abc"]).exists()


# --- Text ----------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_page_names_what_was_removed_from_a_pasted_number(client: Client) -> None:
    account = make_user()
    client.force_login(account)
    person = {
        "full_name": "\u2018Aisyah Jose\u0301",
        "nik": "\u202a1671 0546 0290 0003\u202c",
        "birth_date_0": "6",
        "birth_date_1": "2",
        "birth_date_2": "1990",
        "sex": "female",
        "phone": "08123456789012",
    }
    typed = {**person, "birth_date_day": "6", "birth_date_month": "2", "birth_date_year": "1990"}
    page = client.post("/people/add/", typed, follow=True)
    stored = Applicant.objects.get(account=account)
    assert stored.full_name == "'Aisyah José"
    assert (stored.identity_number, stored.phone) == ("1671054602900003", "+628123456789012")
    text = page.content.decode()
    assert "Karakter tak terlihat yang ikut tersalin sudah kami hapus dari: NIK." in text


@pytest.mark.django_db
def test_a_letter_in_a_telephone_number_is_refused(client: Client) -> None:
    person = make_person()
    client.force_login(person.account)
    page = client.post(f"/people/{person.pk}/", {"phone": "0812 3456 789O"})
    assert "misalnya O untuk 0" in page.content.decode()
