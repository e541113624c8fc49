"""One id from the request to the message."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
import structlog
from django.test import Client
from django_redis import get_redis_connection

from core import clock
from notices.models import Message
from notices.services import deliver_due
from ops import logs
from passport_office.celery import app
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def lines() -> Iterator[Any]:
    """The log lines, formatted as in production."""
    config = logs.configure(as_json=True)
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=logs.SHARED,
        processors=config["formatters"]["ours"]["processors"],
    )
    stream = StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.addHandler(handler)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.removeHandler(handler)
    logs.configure(as_json=False)


def test_a_message_has_the_id_of_its_request(lines: Any, mailbox: Any) -> None:
    user = make_user("siti@example.org")
    Client().post("/akun/password/reset/", {"email": user.email})
    (message,) = Message.objects.all()
    (finished,) = [line for line in lines() if line["event"] == "request_finished"]
    assert message.request_id == finished["request_id"] != ""
    assert deliver_due(now=clock.now()) == 1
    (sent,) = [line for line in lines() if line["event"] == "message_sent"]
    assert sent["request_id"] == message.request_id
    assert sent["kind"] == "account_new_password"
    assert user.email not in json.dumps(lines())


def test_a_failed_delivery_is_logged_without_the_address(lines: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    user = make_user("siti@example.org")
    Client().post("/akun/password/reset/", {"email": user.email})
    assert deliver_due(now=clock.now()) == 0
    (failed,) = [line for line in lines() if line["event"] == "message_failed"]
    assert failed["error"] == "ConnectionRefusedError"
    assert user.email not in json.dumps(lines())


def test_a_client_cannot_choose_the_id(lines: Any) -> None:
    Client().get("/api/v1/offices/", headers={"X-Request-ID": "3174015203900001"})
    (finished,) = [line for line in lines() if line["event"] == "request_finished"]
    assert finished["request_id"] != "3174015203900001"
    assert len(finished["request_id"]) == 36


def test_a_task_is_sent_with_the_requests_id() -> None:
    from ops import broker

    with structlog.contextvars.bound_contextvars(request_id="r-1"):
        app.send_task("ops.tasks.beat_heartbeat")
    raw = json.loads(get_redis_connection("redis").lindex(broker.QUEUE_KEY, 0))
    assert raw["headers"]["__django_structlog__"]["request_id"] == "r-1"


def test_a_worker_binds_the_id_first() -> None:
    names = {step.__name__ for step in app.steps["worker"]}
    assert "DjangoStructLogInitStep" in names
