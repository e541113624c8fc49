"""What an application needs: documents, products, fees and questions. Pure functions without a database.

Finder, application, ticket, messages, gate and counter all read them here, so they cannot differ. The list of documents
is data of the service (scenario files): each row may say `when` it is needed.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

# From this age, or married, a person is an adult for a passport (Permenkumham 18/2022).
PASSPORT_ADULT_YEARS: Final = 17
# Younger people do not answer the question whether they are married.
MARRIED_FROM_YEARS: Final = 13
LONG_YEARS: Final = 10
SHORT_YEARS: Final = 5

Row = Mapping[str, Any]


class Age(StrEnum):
    """The two kinds of applicants of a passport."""

    ADULT = "adult"
    CHILD = "child"


class Issued(StrEnum):
    """When the last passport was issued: older ones need the documents of a new passport."""

    BEFORE_2009 = "before_2009"
    SINCE_2009 = "since_2009"


class Parents(StrEnum):
    """Who is responsible for a child: both parents, one parent, or a guardian by court order."""

    BOTH = "both"
    ONE = "one"
    GUARDIAN = "guardian"


class Permit(StrEnum):
    """The kind of stay permit that a foreigner has."""

    VISIT = "visit"
    LIMITED = "limited"
    PERMANENT = "permanent"


class Need(StrEnum):
    """Whether a document is needed. `DEPENDS`: on an answer that is not known yet."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    DEPENDS = "depends"


# The answers by which rows of documents may be limited: the field of `when` and the attribute.
CONDITIONS: Final = {
    "ages": "age",
    "reasons": "reason",
    "issued": "issued",
    "parents": "parents",
    "purposes": "purpose",
    "permits": "permit",
}


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """What decides about documents and products. An empty text is an answer that is not known."""

    day: dt.date
    age: str = ""
    reason: str = ""
    issued: str = ""
    parents: str = ""
    purpose: str = ""
    permit: str = ""


@dataclass(frozen=True)
class Document:
    """A document of the list, with its names in all languages as in the scenario file."""

    row: Row
    need: Need

    @property
    def code(self) -> str:
        return str(self.row["code"])

    @property
    def is_required(self) -> bool:
        return self.need is Need.REQUIRED


@dataclass(frozen=True)
class Price:
    """A fee in rupiah: the product, a fine for a lost or damaged passport, the accelerated service."""

    product: int
    fine: int = 0
    surcharge: int = 0

    @property
    def total(self) -> int:
        return self.product + self.fine + self.surcharge


# --- Age ------------------------------------------------------------------------------------------
def years_on(birth_date: dt.date, day: dt.date) -> int:
    """Return the age in full years; somebody born on 29 February is a year older on 1 March."""
    had_birthday = (day.month, day.day) >= (birth_date.month, birth_date.day)
    return day.year - birth_date.year - (0 if had_birthday else 1)


def age_on(birth_date: dt.date, day: dt.date, *, is_married: bool = False) -> Age:
    """Return adult or child, for a passport that is applied for on a day."""
    is_adult = is_married or years_on(birth_date, day) >= PASSPORT_ADULT_YEARS
    return Age.ADULT if is_adult else Age.CHILD


# --- Documents ------------------------------------------------------------------------------------
def documents_for(rows: Iterable[Row], circumstances: Circumstances) -> list[Document]:
    """Return the documents that are needed, in the order of the list, each once."""
    documents: dict[str, Document] = {}
    for row in rows:
        if not _is_in_force(row, circumstances.day):
            continue
        applies = _applies(row.get("when") or (), circumstances)
        if applies is False:
            continue
        need = Need.OPTIONAL if not row.get("is_required", True) else Need.REQUIRED
        documents.setdefault(row["code"], Document(row, Need.DEPENDS if applies is None else need))
    return list(documents.values())


def abolished_documents(rows: Iterable[Row], circumstances: Circumstances) -> list[Document]:
    """Return the documents that would apply but were abolished before the day."""
    return [
        Document(row, Need.REQUIRED)
        for row in rows
        if (row.get("valid_until") or "9999") < circumstances.day.isoformat()
        and _applies(row.get("when") or (), circumstances)
    ]


def _is_in_force(row: Row, day: dt.date) -> bool:
    first, last = row.get("valid_from") or "", row.get("valid_until") or "9999"
    return first <= day.isoformat() <= last


def _applies(alternatives: Sequence[Row], circumstances: Circumstances) -> bool | None:
    """True if one alternative fits, False if none can, None if it depends on unknown answers."""
    if not alternatives:
        return True
    results = [_fits(conditions, circumstances) for conditions in alternatives]
    if True in results:
        return True
    return None if None in results else False


def _fits(conditions: Row, circumstances: Circumstances) -> bool | None:
    is_known = True
    for field, name in CONDITIONS.items():
        wanted = conditions.get(field)
        if not wanted:
            continue
        answer = getattr(circumstances, name)
        if answer and answer not in wanted:
            return False
        is_known = is_known and bool(answer)
    return True if is_known else None


# --- Products and fees ----------------------------------------------------------------------------
def years_of(product: str) -> int | None:
    """Return how many years a passport of this product is valid; None for what is no passport."""
    for years in (LONG_YEARS, SHORT_YEARS):
        if product.endswith(f"_{years}"):
            return years
    return None


def is_for_adults(product: str) -> bool:
    """True if only adults get the product: a passport of ten years."""
    return years_of(product) == LONG_YEARS


def products_for(products: Iterable[str], age: str) -> tuple[str, ...]:
    """Return those of the products that a person of this age gets."""
    return tuple(row for row in products if age != Age.CHILD or not is_for_adults(row))


def price_of(
    fees: Mapping[str, int], product: str, *, fine: str = "", surcharge: str = ""
) -> Price | None:
    """Return the price of a product by the fees of a day, or None if it is not sold.

    `fine` and `surcharge` are the products that are paid in addition, if they are.
    """
    if product not in fees:
        return None
    return Price(fees[product], fees.get(fine, 0), fees.get(surcharge, 0))


# --- Questions ------------------------------------------------------------------------------------
def asks_marriage(years: int) -> bool:
    """True if the answer decides whether the person is an adult."""
    return MARRIED_FROM_YEARS <= years < PASSPORT_ADULT_YEARS


def asks_issued(age: str, reason: str, *, reasons: Collection[str]) -> bool:
    """True if documents depend on when the last passport was issued; `reasons` are those that ask."""
    return age == Age.ADULT and reason in reasons
