"""A client that knows only the schema does the main job: from an account to a family's moved appointment."""

from functools import cache
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from tests.booking.bookings.families import CHILD_BORN, make_mixed_office
from tests.builders import NOW, make_nik

pytestmark = pytest.mark.django_db(transaction=True)
METHODS = ("get", "post", "put", "patch", "delete")
TYPES: dict[str, type] = {
    "string": str,
    "integer": int,
    "boolean": bool,
    "array": list,
    "object": dict,
    "number": float,
}


@cache
def the_schema() -> Any:
    generator: Any = SchemaGenerator
    return generator().get_schema(request=None, public=True)


class SchemaClient:
    """Calls operations by their id, and compares bodies and answers with the schema."""

    def __init__(self) -> None:
        self.schema = the_schema()
        self.operations = {
            operation["operationId"]: (method, path, operation)
            for path, operations in self.schema["paths"].items()
            for method, operation in operations.items()
            if method in METHODS
        }
        self.http = APIClient()

    def call(self, name: str, body: Any = None, *, query: Any = None, **path: Any) -> Any:
        method, address, operation = self.operations[name]
        if body is not None:
            self._compare(body, self._content(operation["requestBody"]), f"{name} input")
        if query:
            known = {row["name"] for row in operation["parameters"] if row["in"] == "query"}
            assert set(query) <= known, (name, query)
        send = getattr(self.http, method)
        answer = send(address.format(**path), query if method == "get" else body)
        wanted = next(code for code in operation["responses"] if code.startswith("2"))
        assert str(answer.status_code) == wanted, (name, answer.content)
        self.answer = answer
        if answer.status_code == 204:
            return None
        received = answer.json()
        self._compare(received, self._content(operation["responses"][wanted]), name)
        return received

    def _content(self, holder: Any) -> Any:
        return holder["content"]["application/json"]["schema"]

    def _compare(self, value: Any, schema: Any, where: str) -> None:
        """Require the named type, the required properties, and no property that the schema lacks."""
        if value is None:
            assert schema.get("nullable") or "oneOf" in schema, where
            return
        if "$ref" in schema:
            schema = self.schema["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        for one in schema.get("allOf", ()):
            self._compare(value, one, where)
        kind = schema.get("type")
        if kind is None:
            return
        has_type = isinstance(value, TYPES[kind])
        assert has_type, (where, value)
        if kind == "array":
            for item in value:
                self._compare(item, schema["items"], f"{where}[]")
        properties = schema.get("properties")
        if kind == "object" and properties is not None:
            assert set(schema.get("required", ())) <= set(value), (where, value)
            assert set(value) <= set(properties), (where, value)
            for name, inner in value.items():
                self._compare(inner, properties[name], f"{where}.{name}")


@pytest.fixture
def client(set_clock: Any) -> SchemaClient:
    set_clock(NOW)
    return SchemaClient()


def sign_up(client: SchemaClient) -> None:
    login = {"email": "integrator@contoh.id", "password": "pagi-hujan-88"}
    client.call("auth_register", {**login, "full_name": "Siti Rahmawati"})
    token = client.call("auth_token", login)["token"]
    client.http.credentials(HTTP_AUTHORIZATION=f"Token {token}")


def add(client: SchemaClient, **changes: Any) -> int:
    person = {
        "full_name": "Budi Santoso",
        "birth_date": "1990-02-06",
        "sex": "female",
        "phone": "0812 3456 7890",
        **changes,
    }
    made: int = client.call("applicants_create", person)["id"]
    return made


def first_hour(client: SchemaClient, office: str, service: str) -> Any:
    calendar = client.call(
        "offices_calendar", query={"service_type": service, "from": "2026-11-23"}, code=office
    )
    day = next(row for row in calendar["days"] if row["status"] == "open")
    slots = client.call(
        "offices_slots", query={"service_type": service, "date": day["date"]}, code=office
    )
    return [row for row in slots if row["status"] == "open"]


def test_a_client_made_from_the_schema_books_a_family_and_moves_one(client: SchemaClient) -> None:
    office = make_mixed_office().code
    sign_up(client)
    father = add(client, nik=make_nik())
    child = add(
        client,
        full_name="Nia",
        nik=make_nik(born=CHILD_BORN),
        birth_date=str(CHILD_BORN),
        guardian_consent=True,
    )
    mother = add(
        client,
        full_name="Anna Keller",
        identity_kind="passport",
        identity_number="C01234567",
        nationality="DE",
    )
    assert office in {row["code"] for row in client.call("offices_list")}
    citizens, foreigners = (
        first_hour(client, office, service) for service in ("new", "stay_permit")
    )
    people = [
        {"applicant": father, "service_type": "replacement", "slot": citizens[0]["id"]},
        {"applicant": mother, "service_type": "stay_permit", "slot": foreigners[0]["id"]},
        {"applicant": child, "service_type": "new", "slot": citizens[0]["id"]},
    ]
    party = client.call("bookings_create", {"people": people})
    assert len(party["bookings"]) == 3
    codes = {row["applicant"]: row["code"] for row in party["bookings"]}
    moved = client.call(
        "parties_reschedule",
        {"bookings": [codes[child]], "slot": citizens[1]["id"]},
        code=party["code"],
    )
    slots = {row["applicant"]: row["slot"] for row in moved["bookings"]}
    assert slots == {
        father: citizens[0]["id"],
        mother: foreigners[0]["id"],
        child: citizens[1]["id"],
    }
    left = client.call("parties_cancel", {"bookings": [codes[mother]]}, code=party["code"])
    assert sorted(row["status"] for row in left["bookings"]) == ["booked", "booked", "cancelled"]
    assert len(client.call("bookings_list", query={"limit": 2})) == 2
    assert client.answer["X-Total-Count"] == "3"
    assert 'rel="next"' in client.answer["Link"]
    assert int(client.answer["RateLimit-Remaining"]) < int(client.answer["RateLimit-Limit"])
    assert client.answer["X-Request-ID"]


def test_tokens_are_listed_and_revoked_one_by_one(client: SchemaClient) -> None:
    sign_up(client)
    login = {"email": "integrator@contoh.id", "password": "pagi-hujan-88"}
    other = client.call("auth_token", login)["token"]
    rows = client.call("auth_tokens")
    assert [row["is_this"] for row in rows] == [False, True]
    assert other not in str(rows)
    client.call("auth_token_revoke", token_id=rows[0]["id"])
    assert [row["is_this"] for row in client.call("auth_tokens")] == [True]
    stale = APIClient()
    stale.credentials(HTTP_AUTHORIZATION=f"Token {other}")
    assert stale.get("/api/v1/auth/tokens/").status_code == 401
    assert client.http.delete("/api/v1/auth/tokens/0123456789abcdef/").status_code == 404
