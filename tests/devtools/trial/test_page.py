"""/demo/: who it signs in, and that it exists in the demo only."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import Settings

from core import clock
from devtools.demo import read_credentials
from devtools.trial import jobs
from offices.directory.models import Office
from tests.builders import make_user


def sign_in(client: Client, email: str) -> None:
    client.post("/demo/sign-in/", {"email": email})


def test_one_click_signs_in_as_everybody_of_the_list(office: Office, client: Client) -> None:
    shown = set(re.findall(r'name="email" value="([^"]+)"', client.get("/demo/").content.decode()))
    people = read_credentials()
    assert shown == {person.email for person in people}
    for person in people:
        answer = client.post("/demo/sign-in/", {"email": person.email}, follow=True)
        assert answer.status_code == 200
        assert answer.wsgi_request.user.email == person.email
        is_applicant = person.role == "applicant"
        assert answer.wsgi_request.path.startswith("/admin/") is not is_applicant


def test_nobody_else_can_be_signed_in(office: Office, client: Client) -> None:
    make_user("bukan-demo@warga.example")
    for email in ("bukan-demo@warga.example", "tidak-ada@warga.example", ""):
        answer = client.post("/demo/sign-in/", {"email": email}, follow=True)
        assert not answer.wsgi_request.user.is_authenticated
        assert "Orang ini tidak ada di daftar demo." in answer.content.decode()


@pytest.mark.parametrize("address", ["/demo/sign-in/", "/demo/scene/"])
def test_a_click_needs_a_csrf_token_and_a_post(office: Office, address: str) -> None:
    client = Client(enforce_csrf_checks=True)
    email = read_credentials()[0].email
    answer = client.post(address, {"email": email, "scene": "release", "office": office.code})
    assert answer.status_code == 403
    assert client.get(address).status_code == 405
    assert jobs.current_job() is None


@pytest.mark.parametrize("address", ["/demo/", "/demo/sign-in/", "/demo/scene/", "/demo/progress/"])
def test_outside_the_demo_there_is_no_page(
    office: Office, client: Client, settings: Settings, address: str
) -> None:
    email = read_credentials()[0].email
    settings.DEMO = False
    if address in ("/demo/sign-in/", "/demo/scene/"):
        answer = client.post(address, {"email": email, "scene": "release", "office": office.code})
    else:
        answer = client.get(address)
    assert answer.status_code == 404
    assert "sessionid" not in answer.cookies


def test_moving_the_clock_signs_nobody_out(office: Office, client: Client) -> None:
    email = next(one.email for one in read_credentials() if one.role == "gate")
    sign_in(client, email)
    clock.move_to(clock.now() + timedelta(days=40))
    answer = client.get("/admin/gate/", follow=True)
    assert answer.wsgi_request.user.email == email
    assert answer.wsgi_request.path == "/admin/gate/"


def test_the_page_links_to_the_screens_of_the_office(office: Office, client: Client) -> None:
    page = client.get("/demo/").content.decode()
    for address in ("/board/balikpapan/", "/kiosk/balikpapan/", "/demo/mailbox/"):
        assert f'href="{address}' in page


def test_without_demo_data_the_page_says_what_to_do(
    folder: object, client: Client, db: None
) -> None:
    assert "make run" in client.get("/demo/").content.decode()


def test_an_unknown_scene_is_not_requested(office: Office, client: Client) -> None:
    answer = client.post("/demo/scene/", {"scene": "yesterday", "office": office.code})
    assert answer.status_code == 404
    assert jobs.current_job() is None


def test_a_second_click_waits_for_the_first(office: Office, client: Client) -> None:
    for scene in ("release", "monday"):
        answer = client.post("/demo/scene/", {"scene": scene, "office": office.code})
        assert answer.headers["Location"] == "/demo/progress/"
    job = jobs.current_job()
    assert job is not None
    assert job.scene == "release"
    page = client.get("/demo/progress/").content.decode()
    assert "Satu menit sebelum kuota dibuka" in page
