"""Settlement files: all or nothing, a clear sentence for every mistake, and nothing lost."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from booking.payments.models import BankNotice, PaymentCase, SettlementFile, SettlementLine
from booking.settlement.errors import FileImported, FileRefused
from booking.settlement.services import import_settlement
from core.errors import NotAllowed
from offices.directory.models import Office
from offices.staff.models import Role
from ops.verification.services import verify
from tests.booking.payments.world import (
    PRICE,
    SOON,
    bill_of,
    book_prepaid,
    code_of,
    make_prepaid_slot,
    notice_body,
    receive,
)
from tests.builders import make_officer

pytestmark = pytest.mark.django_db
HEADER = "notice_id,billing_code,amount,currency,paid_at"


def line(number: str, code: str, *, amount: Any = PRICE, currency: str = "IDR") -> str:
    return f"{number},{code},{amount},{currency},{SOON.isoformat()}"


def file_of(*lines: str, total: str = "") -> bytes:
    amounts = [int(row.split(",")[2]) for row in lines if not total]
    last = total or f"TOTAL,{len(lines)},{sum(amounts)},IDR,"
    return "\r\n".join([HEADER, *lines, last, ""]).encode()


def load(content: bytes, office: Office, by: Any = None) -> SettlementFile:
    by = by or make_officer(office, Role.SUPERVISOR)
    return import_settlement(content, name="bank.csv", office=office, by=by, now=SOON)


def test_a_file_matches_posts_and_reports_differences() -> None:
    slot = make_prepaid_slot(places=4)
    announced, new, different = (book_prepaid(slot) for _ in range(3))
    receive(notice_body(code_of(announced).code, notice_id="N-1"))
    receive(notice_body(code_of(different).code, notice_id="N-3"))
    content = file_of(
        line("N-1", BankNotice.objects.get(notice_id="N-1").code),
        line("N-2", code_of(new).code),
        line("N-3", BankNotice.objects.get(notice_id="N-3").code, amount=PRICE - 1),
        line("N-4", "8" * 15, amount=5),
    )
    file = load(b"\xef\xbb\xbf" + content, slot.office)
    assert (file.line_count, file.total) == (4, 3 * PRICE - 1 + 5)
    results = SettlementLine.objects.order_by("number").values_list("number", "result")
    assert list(results) == [(2, "matched"), (3, "posted"), (4, "different"), (5, "posted")]
    assert bill_of(new).is_paid
    assert sorted(PaymentCase.objects.values_list("kind", flat=True)) == ["different", "unknown"]
    assert PaymentCase.objects.get(kind="unknown").office == slot.office
    with pytest.raises(FileImported):
        load(b"\xef\xbb\xbf" + content, slot.office)
    assert [row for row in verify(now=SOON) if row.law == 12 and row.breaches] == []


def test_a_file_with_a_mistake_is_refused_whole() -> None:
    booking = book_prepaid()
    good = line("N-1", code_of(booking).code)
    whole = file_of(good)
    wrong = {
        "jumlahnya tidak cocok": file_of(good, total=f"TOTAL,1,{PRICE + 1},IDR,"),
        "menyebut 2 pembayaran, isinya 1": file_of(good, total=f"TOTAL,2,{PRICE},IDR,"),
        "baris 3 tidak dalam utf-8": file_of(good, "N-2,é,1,IDR,x").decode().encode("latin-1"),
        "baris 1 harus notice_id": whole.replace(b",", b";"),
        "berkas terpotong": whole[: whole.index(b"TOTAL")],
        "baris 3 tidak utuh: 3 kolom": file_of(good, "N-2,820000000000000,65"),
        "baris 3 memakai mata uang usd": file_of(good, line("N-2", "8" * 15, currency="USD")),
        "baris 3: jumlah harus bilangan bulat": file_of(
            good, line("N-2", "8" * 15, amount="650.000"), total="TOTAL,2,1,IDR,"
        ),
        "baris 3 mengulang nomor": file_of(good, good),
        "baris 3 tidak dapat dibaca": file_of(good, line("N 2", "8" * 15)),
        "baris total (baris 3) tidak utuh": file_of(good, total=f"TOTAL,1,{PRICE}"),
        "tidak dalam utf-8. simpan": b"n\x00o\x00t\x00",
        "bukan csv": file_of(good, '"N-2,8,1,IDR,x', total=f"TOTAL,2,{PRICE},IDR,"),
    }
    for sentence, content in wrong.items():
        with pytest.raises(FileRefused) as refused:
            load(content, booking.office)
        assert sentence in str(refused.value).lower()
        assert "tidak ada yang diimpor" in str(refused.value).lower()
    assert not BankNotice.objects.exists()
    assert not SettlementFile.objects.exists()
    assert not bill_of(booking).is_paid


def test_a_supervisor_imports_for_their_own_offices_only() -> None:
    booking = book_prepaid()
    other = make_prepaid_slot().office
    content = file_of(line("N-1", code_of(booking).code))
    with pytest.raises(FileRefused):
        load(content, other)
    with pytest.raises(NotAllowed):
        load(content, booking.office, by=make_officer(booking.office, Role.COUNTER))
    load(content, other, by=make_officer(None, Role.NATIONAL))
    assert bill_of(booking).is_paid


def test_the_screens_import_and_decide(client: Client) -> None:
    booking = book_prepaid()
    code = code_of(booking).code
    client.force_login(make_officer(booking.office, Role.SUPERVISOR))
    url = reverse("payments:payments")

    def send(content: bytes) -> Any:
        return client.post(url, {"file": SimpleUploadedFile("bank.csv", content)}, follow=True)

    answer = send(file_of(line("N-1", code), total="TOTAL,1,1,IDR,"))
    assert answer.status_code == 400
    assert "Jumlahnya tidak cocok" in answer.content.decode()
    answer = send(file_of(line("N-1", code), line("N-2", code)))
    assert "Berkas diimpor seluruhnya" in answer.content.decode()
    assert "Dibukukan dari berkas" in answer.content.decode()
    case = PaymentCase.objects.get()
    assert "Dibayar dua kali" in client.get(url).content.decode()
    page = reverse("payments:payment", args=[case.pk])
    assert booking.applicant.full_name in client.get(page).content.decode()
    assert client.post(page, {"action": "refunded", "reason": ""}).status_code == 400
    answer = client.post(page, {"action": "refunded", "reason": "dua kali"}, follow=True)
    assert "Keputusan dicatat" in answer.content.decode()
    assert bill_of(booking).balance == 0
    client.force_login(make_officer(make_prepaid_slot().office, Role.SUPERVISOR))
    assert client.get(page).status_code == 404
