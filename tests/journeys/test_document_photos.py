"""Photos of documents on a phone: progress on a slow network, sent again after it was lost, and without script."""

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from booking.applications.models import PassportApplication
from booking.photos.models import DocumentPhoto
from core import clock
from tests.booking.applications.national import make_services
from tests.builders import make_application, make_booking, make_open_slot
from tests.journeys.pictures import keep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SLOW = {"offline": False, "latency": 50, "downloadThroughput": -1, "uploadThroughput": 150_000}
HALFWAY = """() => {
  const bar = document.querySelector("progress");
  return !bar.hidden && bar.value > 0 && bar.value < 100;
}"""
FILES_CHOSEN = "document.querySelector('input[type=file]').files.length"


@pytest.fixture
def application() -> PassportApplication:
    """The application of a person with a booking, as the shipped scenario asks for documents."""
    make_services()
    now = clock.now()
    return make_application(make_booking(make_open_slot(now=now), now=now))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A photo of about 400 kB."""
    made = io.BytesIO()
    Image.frombytes("RGB", (500, 300), os.urandom(450_000)).save(made, "PNG")
    path = tmp_path / "ktp.png"
    path.write_bytes(made.getvalue())
    return path


def photos_of(application: PassportApplication) -> str:
    return f"/people/{application.applicant_id}/application/new/photos/"


def test_a_photo_is_sent_again_after_the_network_was_lost(
    desk_of: Callable[..., Any], application: PassportApplication, picture: Path
) -> None:
    page = desk_of(application.applicant.account, viewport={"width": 360, "height": 740})
    page.goto(photos_of(application))
    keep(page, "photos-none")
    page.click("text=Kirim foto KTP elektronik")
    page.set_input_files("[name=photo]", picture)
    page.context.set_offline(True)
    page.click("main .dock button")
    page.wait_for_selector("text=Berkas yang Anda pilih masih ada; kirim lagi.")
    keep(page, "photo-not-sent")
    assert page.evaluate(FILES_CHOSEN) == 1
    page.context.set_offline(False)
    page.context.new_cdp_session(page).send("Network.emulateNetworkConditions", SLOW)
    page.click("main .dock button")
    page.wait_for_function(HALFWAY)
    page.wait_for_selector("text=Foto KTP elektronik tersimpan.")
    assert page.url.endswith(photos_of(application))
    keep(page, "photos-one")
    assert DocumentPhoto.objects.get().document == "ktp"


def test_a_wrong_file_is_explained_and_another_sent(
    desk_of: Callable[..., Any], application: PassportApplication, picture: Path
) -> None:
    for has_script in (True, False):
        page = desk_of(application.applicant.account, java_script_enabled=has_script)
        page.goto(f"{photos_of(application)}kk/")
        lie = {"name": "kk.jpg", "mimeType": "image/jpeg", "buffer": b"<script>alert(1)</script>"}
        page.set_input_files("[name=photo]", lie)
        page.click("main .dock button")
        page.wait_for_selector("text=Berkas ini bukan foto.")
        keep(page, f"photo-refused-{has_script}")
        page.set_input_files("[name=photo]", picture)
        page.click("main .dock button")
        page.wait_for_selector("text=Foto Kartu Keluarga (KK) tersimpan.")
        keep(page, f"photos-wide-{has_script}")
        page.click("text=Hapus Kartu Keluarga (KK)")
        page.wait_for_selector("text=Foto dihapus.")
    assert not DocumentPhoto.objects.exists()
