"""The job menu in the header: a line for few jobs, groups for many."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from offices.staff.models import Role
from passport_office.admin_site import JOBS, MOST_SIDE_BY_SIDE, jobs_of, menu_of
from tests.builders import make_office, make_officer

TODAY = "/admin/today/"


@pytest.fixture
def office() -> Any:
    return make_office()


def test_few_jobs_are_shown_side_by_side() -> None:
    jobs = jobs_of({Role.PICKUP})
    assert 1 < len(jobs) <= MOST_SIDE_BY_SIDE
    assert menu_of(jobs, path="/") == jobs


def test_many_jobs_are_grouped_in_a_short_menu() -> None:
    jobs = jobs_of({Role.SUPERVISOR})
    menu = menu_of(jobs, path="/")
    urls = [one["url"] for entry in menu for one in entry.get("jobs", [entry])]
    assert len(jobs) == len(JOBS)
    assert sorted(urls) == sorted(job["url"] for job in jobs)
    assert len(menu) < 6


@pytest.mark.django_db
def test_the_menu_marks_the_current_group(client: Client, office: Any) -> None:
    client.force_login(make_officer(office, Role.SUPERVISOR))
    page = client.get("/admin/rules/", headers={"Accept-Language": "id"}).content.decode()
    assert '<summary aria-current="true">Mengatur' in page
    assert "<summary>Melayani" in page


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("role", [Role.SUPERVISOR, Role.NATIONAL])
def test_the_job_menu_fits_one_line_and_opens_by_keyboard(
    new_page: Any, live_server: Any, office: Any, width: Any, language: Any, role: Any
) -> None:
    visitor = Client()
    visitor.force_login(make_officer(office if role == Role.SUPERVISOR else None, role))
    cookie = visitor.cookies[settings.SESSION_COOKIE_NAME]
    page = new_page(viewport={"width": width, "height": 800}, locale=language)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": live_server.url}])
    page.goto(TODAY)
    entries = page.locator(".jobs > a, .jobs > details > summary")
    assert len({round(box["y"]) for box in (one.bounding_box() for one in entries.all())}) == 1
    for narrow in (width, 320):  # 320: 1280 enlarged to 400 %
        page.set_viewport_size({"width": narrow, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= narrow
    page.set_viewport_size({"width": width, "height": 800})
    leave = page.locator("#logout-form button").bounding_box()
    assert leave["x"] + leave["width"] <= width
    menu = page.locator(".jobs details").first
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    assert menu.locator("a").last.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement === document.querySelector('.jobs details a')")
    page.keyboard.press("Escape")
    assert not menu.locator("a").last.is_visible()
    assert page.evaluate("document.activeElement.localName") == "summary"
