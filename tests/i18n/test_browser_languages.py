"""The language of a visitor who has not chosen one."""

import pytest
from django.test import Client


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("ms-MY,ms;q=0.9,en-US;q=0.8,en;q=0.7", "id"),
        ("su,en;q=0.5", "id"),
        ("JV-ID, en;q=0.9", "id"),
        ("in-ID,en;q=0.9", "id"),
        ("en,ms;q=0.9", "en"),
        ("en;q=0.5,ms;q=0.9", "id"),
        ("fr,en-GB;q=0.8,jv;q=0.5", "en"),
        ("sus,en;q=0.5", "en"),
        ("en-MS", "en"),
        ("fr", "id"),
    ],
)
def test_related_languages_count_as_indonesian(wanted: str, language: str) -> None:
    page = Client(headers={"accept-language": wanted}).get("/akun/login/").content.decode()
    assert f'<html lang="{language}"' in page


@pytest.mark.django_db
def test_a_chosen_language_wins() -> None:
    client = Client(headers={"accept-language": "jv,en;q=0.5"})
    client.cookies["django_language"] = "en"
    assert '<html lang="en"' in client.get("/akun/login/").content.decode()
