"""The evidence report: the screen, the PDF and the other screens show the same figures."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.translation import override

from booking.integrity.models import BrokerSignal, BrokerSignalNote
from offices.staff.models import Role
from privacy.requests.models import DataRequest
from reports.evidence.pdf import render_evidence
from reports.evidence.sections import Section
from reports.evidence.selectors import evidence_of
from reports.load.selectors import daily_load, totals
from reports.promises.selectors import two_hours
from tests.builders import make_office, make_officer, make_user
from tests.pdf import text_of_pdf
from tests.reports.load.stories import DAY, Day, make_day

pytestmark = pytest.mark.django_db
FIRST, LAST = date(2026, 11, 1), date(2026, 11, 30)
SPAN = {"first": FIRST.isoformat(), "last": LAST.isoformat()}
MOST_QUERIES = 25  # with days that are not settled; see tests/reports/test_queries.py


@pytest.fixture
def day() -> Day:
    day = make_day()
    visits = [day.arrive(day.book(), day.at(8)) for _person in range(3)]
    day.open_counter()
    day.serve(visits[0], called=day.at(8, 10), left=day.at(8, 40))
    day.serve(visits[1], called=day.at(9), left=day.at(10, 10))
    signal = BrokerSignal.objects.create(
        office=day.office,
        kind=BrokerSignal.Kind.BURST,
        subject="1",
        label="#1",
        count=9,
        first_at=day.at(8),
        last_at=day.at(9),
        detected_at=day.at(9),
    )
    BrokerSignalNote.objects.create(
        signal=signal,
        outcome=BrokerSignalNote.Outcome.GROUNDLESS,
        text="Keluarga besar",
        by=day.officer,
        at=day.at(10),
    )
    return day


def sections_of(day: Day) -> dict[str, Section]:
    evidence = evidence_of(day.office, FIRST, LAST, now=day.at(12))
    return {section.code: section for section in evidence.sections}


def test_the_sections_show_what_the_screens_show(day: Day) -> None:
    with override("en"):
        sections = sections_of(day)
    sums = totals(daily_load(day.office, FIRST, LAST, day.at(12)))
    assert sections["served"].rows[-1][1:] == [
        str(sums[name])
        for name in (
            "planned",
            "released",
            "booked",
            "arrived",
            "walk_in",
            "priority",
            "accelerated",
            "served",
            "no_show",
        )
    ]
    kept = two_hours(day.office, FIRST, LAST, now=day.at(12)).total
    assert sections["two_hours"].rows[-1][1:5] == [
        str(n) for n in (kept.total, kept.kept, kept.late, kept.unserved)
    ]
    assert kept.unserved == 1  # a person who waits since eight
    assert sections["two_hours"].rows[-1][5] == "33.3\u00a0%"
    assert sections["signals"].rows == [["Many bookings in a short time", "1", "0", "1", "0", "0"]]
    # The officer called both out of order.
    assert [row[3] for row in sections["exceptions"].rows] == ["2"]
    assert {row[4] for row in sections["quotas"].rows} == {"SK uji"}


def test_data_requests_are_counted_without_their_text(day: Day) -> None:
    account = make_user()
    DataRequest.objects.create(
        kind=DataRequest.Kind.CORRECT,
        way=DataRequest.Way.ACCOUNT,
        account=account,
        office=day.office,
        text="nama saya",
        made_at=day.at(8),
        due_at=day.at(8) + timedelta(days=3),
    )
    assert [list(row[1:]) for row in sections_of(day)["data_requests"].rows] == [
        ["1", "0", "0", "0", "0"]
    ]


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_pdf_shows_every_cell_of_the_screen(day: Day, language: str) -> None:
    with override(language):
        evidence = evidence_of(day.office, FIRST, LAST, now=day.at(12))
        text = text_of_pdf(render_evidence(evidence)).replace("\u00a0", " ")
    assert day.office.name in text
    for section in evidence.sections:
        assert section.title in text
        for row in section.rows:
            for cell in row:
                for word in cell.replace("\u00a0", " ").split():
                    assert word in text, (section.code, cell)


def test_the_pdf_names_nobody(day: Day) -> None:
    text = text_of_pdf(render_evidence(evidence_of(day.office, FIRST, LAST, now=day.at(12))))
    assert day.officer.full_name not in text
    assert "Keluarga besar" not in text


def test_the_page_offers_the_same_span_as_pdf(
    client: Client, day: Day, django_assert_max_num_queries: Any
) -> None:
    client.force_login(make_officer(day.office, Role.SUPERVISOR))
    page = client.get(reverse("reports:evidence"), SPAN)
    html = page.content.decode()
    query = page.context["pdf_query"]
    assert "first=2026-11-01&amp;last=2026-11-30&amp;format=pdf" in html
    answer = client.get(f"{reverse('reports:evidence')}?{query}")
    assert answer["Content-Type"] == "application/pdf"
    assert "no-store" in answer["Cache-Control"]
    assert answer.content.startswith(b"%PDF-")
    with django_assert_max_num_queries(MOST_QUERIES):
        client.get(reverse("reports:evidence"), SPAN)


@pytest.mark.parametrize("role", [Role.GATE, Role.COUNTER, Role.PICKUP])
def test_only_oversight_reads_the_evidence(client: Client, role: Role) -> None:
    client.force_login(make_officer(make_office(), role))
    assert client.get(reverse("reports:evidence"), {"format": "pdf"}).status_code == 403


def test_a_wrong_span_gives_the_page_with_its_error(client: Client, day: Day) -> None:
    client.force_login(make_officer(day.office, Role.SUPERVISOR))
    span = {"first": "2026-11-30", "last": "2026-11-01", "format": "pdf"}
    answer = client.get(reverse("reports:evidence"), span)
    assert answer["Content-Type"].startswith("text/html")
    assert answer.context["form"].errors


def test_an_office_without_data_has_a_report() -> None:
    evidence = evidence_of(make_office(), DAY, DAY, now=make_day().at(12))
    with override("en"):
        assert "None on these days." in text_of_pdf(render_evidence(evidence))
