"""The documents and fees of the shipped national scenario, for tests of the documents to bring."""

from functools import cache
from typing import Any

import yaml
from django.conf import settings

from offices.directory.models import Fee, ServiceType
from scenarios.schema import ServiceTypeRow
from tests.builders import INSTRUMENT, SINCE, make_service_type

FEES = {
    "electronic_5": 650_000,
    "electronic_10": 950_000,
    "accelerated": 1_000_000,
    "lost": 1_000_000,
    "damaged": 500_000,
    "stay_permit": 500_000,
}


@cache
def documents(code: str) -> list[dict[str, Any]]:
    """Return the rows of documents as the loader stores them."""
    text = (settings.BASE_DIR / "scenarios" / "national.yaml").read_text(encoding="utf-8")
    row = next(row for row in yaml.safe_load(text)["service_types"] if row["code"] == code)
    for document in row["documents"]:
        for name in ("valid_from", "valid_until"):
            if name in document:
                document[name] = str(document[name])
    checked = ServiceTypeRow.model_validate(row, context=None)
    return [document.as_stored() for document in checked.documents]


def make_services() -> dict[str, ServiceType]:
    """The three services with the documents of the scenario, and their fees."""
    services = {
        code: make_service_type(code, group="foreigners" if code == "stay_permit" else "citizens")
        for code in ("new", "replacement", "stay_permit")
    }
    for code, service in services.items():
        service.documents = documents(code)
        service.save(update_fields=["documents"])
    for product, amount in FEES.items():
        Fee.objects.get_or_create(
            product=product, amount=amount, valid_from=SINCE, instrument=INSTRUMENT
        )
    return services
