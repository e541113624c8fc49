import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest
import structlog
from django.core.signing import Signer
from django.test import Client

from accounts.models import User
from ops import logs

TOKEN = Signer(salt="tests").sign_object(["7", 12, 1_795_000_000])
PERSONAL = [
    "3174015203900001",
    "siti.rahma@example.org",
    "081234567890",
    "+6281234567890",
    "X1234567",
]


@pytest.fixture
def written() -> Iterator[StringIO]:
    """The log lines of the project, formatted as in production."""
    config = logs.configure(as_json=True)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=logs.SHARED,
        processors=config["formatters"]["ours"]["processors"],
    )
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    logger = logging.getLogger("office.tests")
    logger.addHandler(handler)
    logger.setLevel("INFO")
    logger.propagate = False
    yield stream
    logger.removeHandler(handler)
    logger.propagate = True
    logs.configure(as_json=False)


@pytest.mark.parametrize(
    "path",
    [
        "/akun/confirm-email/MTA:1xU:swz/",
        "/akun/password/reset/key/3-c9x/",
        f"/offers/{TOKEN}/",
        f"/moves/{TOKEN}/",
        f"/watch/{TOKEN}/confirm/",
        f"/waiting/stop/{TOKEN}",
        f"/offers/{TOKEN.replace(':', '%3A')}/",
    ],
)
def test_no_line_contains_the_token_of_a_link(written: StringIO, path: str) -> None:
    structlog.get_logger("office.tests").info("request_finished", request=f"GET {path}")
    assert path not in written.getvalue()
    assert "[key]" in written.getvalue()


@pytest.mark.parametrize("value", PERSONAL)
def test_no_line_contains_a_persons_name(written: StringIO, value: str) -> None:
    logger = logging.getLogger("office.tests")
    logger.info("booked for %s", value)
    logger.info("booked", extra={"applicant": value, "more": {"nik": value}})
    structlog.get_logger("office.tests").info("booked", applicant=value)
    assert value not in written.getvalue()
    assert len(written.getvalue().splitlines()) == 3


def test_an_exception_is_logged_without_quoted_values(written: StringIO) -> None:
    try:
        raise ValueError("duplicate key\nDETAIL:  Key (email)=(siti@example.org) already exists.")
    except ValueError:
        logging.getLogger("office.tests").exception("failed")
    assert "ValueError" in written.getvalue()
    assert "siti" not in written.getvalue()


def test_a_line_keeps_its_request_id_without_query_and_address(written: StringIO) -> None:
    log = structlog.get_logger("office.tests")
    log.info(
        "request_finished", request="GET /cari?nama=Siti", request_id="r-1", ip="10.1.2.3", code=200
    )
    line = json.loads(written.getvalue())
    assert line["request"] == "GET /cari"
    assert line["request_id"] == "r-1"
    assert "ip" not in line


def test_a_successful_probe_is_not_logged(written: StringIO) -> None:
    log = structlog.get_logger("office.tests")
    log.info("request_finished", request="GET /readyz", code=200)
    log.info("request_finished", request="GET /readyz", code=503)
    assert len(written.getvalue().splitlines()) == 1


def test_an_error_report_contains_no_personal_data() -> None:
    event = {
        "user": {"id": 1},
        "request": {"data": {"nik": PERSONAL[0]}},
        "exception": {
            "values": [
                {
                    "value": f"no {PERSONAL[0]}",
                    "stacktrace": {"frames": [{"vars": {"nik": PERSONAL[0]}}]},
                }
            ]
        },
    }
    assert PERSONAL[0] not in json.dumps(logs.mask_sentry(event, {}))


def test_a_redis_outage_is_logged_once_per_component(written: StringIO) -> None:
    logger = logging.getLogger("office.tests")
    logger.addFilter(logs.shorten_outage)
    try:
        raise ConnectionError("refused")
    except ConnectionError as error:
        logger.error("Message Error: %s\n%s", error, ["  File somewhere"], exc_info=True)
    logger.removeFilter(logs.shorten_outage)
    line = json.loads(written.getvalue())
    assert line["event"] == "Message Error: refused"
    assert "exception" not in line
    failure = (ConnectionError, ConnectionError("refused"), None)
    record = logging.LogRecord("django_redis.cache", 40, "", 0, "Exception ignored", (), failure)
    assert logs.shorten_outage(record)
    assert (record.getMessage(), record.exc_info) == ("Cache: refused", None)


def test_a_request_is_logged_with_id_code_and_account(
    written: StringIO, client: Client, db: None
) -> None:
    user = User.objects.create_user("siti@example.org", "kata-sandi-panjang", full_name="Siti")
    client.force_login(user)
    logger = logging.getLogger("django_structlog.middlewares.request")
    handler = logging.getLogger("office.tests").handlers[0]
    logger.addHandler(handler)
    client.get("/syarat/?nama=Siti")
    client.get("/healthz")
    logger.removeHandler(handler)
    (line,) = [json.loads(text) for text in written.getvalue().splitlines()]
    assert (line["event"], line["request"]) == ("request_finished", "GET /syarat/")
    assert (line["code"], line["user_id"], len(line["request_id"])) == (200, user.pk, 36)
