"""Computes every hash of a person again, with a new PERSON_KEY."""

from collections.abc import Iterator
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Model

from booking.people.models import Applicant
from core.crypto import keyed_hash
from quotas.watches.models import OpeningWatch
from quotas.watches.services import address_key

BATCH: Final = 2_000
COLUMN: Final = "person_key"
# Old hash and new hash of every stored number. A run that was stopped is repeated from the numbers, so the
# table need not outlive the connection.
CREATE: Final = "CREATE TEMPORARY TABLE rotated_key (old text PRIMARY KEY, new text NOT NULL)"
INSERT: Final = (
    "INSERT INTO rotated_key SELECT * FROM unnest(%s::text[], %s::text[]) ON CONFLICT DO NOTHING"
)
INDEX: Final = "CREATE INDEX ON rotated_key (new)"


class Command(BaseCommand):
    """Run with web, worker and beat stopped, with the new key in PERSON_KEY and the old one in PERSON_KEY_OLD."""

    help = (
        "Computes all hashes of persons anew with PERSON_KEY; PERSON_KEY_OLD is the key until now. Stop web, "
        "worker and beat first. Stopped half way, it can be run again; it ends with a check of every row."
    )

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.PERSON_KEY_OLD or settings.PERSON_KEY_OLD == settings.PERSON_KEY:
            raise CommandError("Set PERSON_KEY to the new key and PERSON_KEY_OLD to the old one.")
        if settings.DATABASE_POOLED:
            raise CommandError(
                "This command keeps a table for its connection: run it with the address of the primary in "
                "DATABASE_URL and with DATABASE_POOLED=false."
            )
        with connection.cursor() as cursor:
            cursor.execute(CREATE)
            try:
                people = _collect_keys(cursor)
                for model in models_with_person_key():
                    done = sum(_rotate(cursor, model, first, last) for first, last in _spans(model))
                    self.stdout.write(f"{model._meta.label}: {done} hashes computed anew.")
                lost = _hide_keys_without_number(cursor)
                _verify(cursor)
            finally:
                cursor.execute("DROP TABLE rotated_key")
        watches = _rotate_watches()
        self.stdout.write(
            f"{people} people checked, {watches} subscriptions. {lost} hashes belong to numbers that are no longer "
            "stored; they were hashed again and match nobody. Remove PERSON_KEY_OLD now, start, and run verify."
        )


def models_with_person_key() -> list[type[Model]]:
    """Return every model whose rows name a person by the hash."""
    return [
        model
        for model in apps.get_models()
        if any(field.name == COLUMN for field in model._meta.concrete_fields)
    ]


def _collect_keys(cursor: Any) -> int:
    """Store both hashes of every number. Raises CommandError if a row has neither: then the old key is wrong."""
    count, last = 0, 0
    while True:
        people = Applicant.objects.filter(pk__gt=last).exclude(identity_number="").order_by("pk")
        batch = list(people[:BATCH])
        if not batch:
            cursor.execute(INDEX)
            return count
        pairs = {}
        for person in batch:
            old, new = (
                _key_of(person, key) for key in (settings.PERSON_KEY_OLD, settings.PERSON_KEY)
            )
            if person.person_key not in (old, new):
                raise CommandError(
                    f"Applicant {person.pk} was hashed with another key than PERSON_KEY_OLD. Nothing was changed."
                )
            pairs[old] = new
        cursor.execute(INSERT, [list(pairs), list(pairs.values())])
        count, last = count + len(batch), batch[-1].pk


def _key_of(person: Applicant, key: str) -> str:
    return Applicant.key_for(
        kind=person.identity_kind,
        nationality=person.nationality,
        number=person.identity_number,
        key=key,
    )


def _spans(model: type[Model]) -> Iterator[tuple[Any, Any]]:
    """Yield the first and last primary key of each batch of rows."""
    rows = model._default_manager.order_by("pk").values_list("pk", flat=True)
    batch = list(rows[:BATCH])
    while batch:
        yield batch[0], batch[-1]
        batch = list(rows.filter(pk__gt=batch[-1])[:BATCH])


def _rotate(cursor: Any, model: type[Model], first: Any, last: Any) -> int:
    meta = model._meta
    assert meta.pk is not None
    cursor.execute(
        f'UPDATE "{meta.db_table}" AS t SET {COLUMN} = rotated_key.new FROM rotated_key '  # noqa: S608
        f'WHERE t."{meta.pk.column}" BETWEEN %s AND %s AND t.{COLUMN} = rotated_key.old',
        [first, last],
    )
    return int(cursor.rowcount)


@transaction.atomic
def _hide_keys_without_number(cursor: Any) -> int:
    """Hash again the hashes whose number is no longer stored, in all tables at once; return their count.

    They cannot be computed from a number, but somebody with the old key could still guess it from them.
    """
    tables = [model._meta.db_table for model in models_with_person_key()]
    known = f"SELECT 1 FROM rotated_key WHERE new = {COLUMN}"  # noqa: S608
    kept = " UNION ".join(
        f'SELECT {COLUMN} FROM "{table}" WHERE NOT EXISTS ({known})'  # noqa: S608
        for table in tables
    )
    cursor.execute(kept)
    pairs = {old: keyed_hash("person", old) for (old,) in cursor.fetchall() if old}
    for table in tables:
        cursor.execute(
            f'UPDATE "{table}" AS t SET {COLUMN} = pair.new '  # noqa: S608
            f"FROM unnest(%s::text[], %s::text[]) AS pair (old, new) WHERE t.{COLUMN} = pair.old",
            [list(pairs), list(pairs.values())],
        )
    return len(pairs)


def _verify(cursor: Any) -> None:
    """Raise CommandError if a row still has an old hash, or an applicant not the new hash of the number."""
    for model in models_with_person_key():
        cursor.execute(
            f'SELECT count(*) FROM "{model._meta.db_table}" AS t JOIN rotated_key ON t.{COLUMN} = rotated_key.old'  # noqa: S608
        )
        (left,) = cursor.fetchone()
        if left:
            raise CommandError(
                f"{model._meta.label}: {left} rows still have an old hash. Run this again."
            )
    for person in Applicant.objects.exclude(identity_number="").iterator(chunk_size=BATCH):
        if person.person_key != _key_of(person, settings.PERSON_KEY):
            raise CommandError(f"Applicant {person.pk} does not have the new hash. Run this again.")


def _rotate_watches() -> int:
    """Compute the hashes of the addresses that subscribe to openings."""
    count = 0
    for watch in OpeningWatch.objects.exclude(address="").iterator(chunk_size=BATCH):
        count += OpeningWatch.objects.filter(pk=watch.pk).update(
            address_key=address_key(watch.address)
        )
    return count
