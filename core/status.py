"""State machines: the allowed moves of a status, its only writer, and its append-only history.

A model with a status extends `StatusModel` and names its `StateMachine`; its history extends
`HistoryLine`, with a foreign key to the model (`related_name="history"`) and the fields `old` and
`new`. `create`, `move` and `note` are the only code that writes either. The triggers of
`StateMachine.triggers` make the database refuse, from raw SQL too, a row that does not begin at an
initial status, a move that is not allowed, and a change of status without its line of history; the
trigger of `HistoryLine` makes it refuse to change or delete a line.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar

import pgtrigger
from django.apps import apps
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import DatabaseError, connections, models, transaction
from django.db.models.expressions import RawSQL
from django.db.models.sql import UpdateQuery
from django.db.models.sql.subqueries import InsertQuery
from django.utils.translation import gettext_lazy as _

from core.errors import MoveNotAllowed

# History is written before the status, so its last line must be this move.
MOVE_FUNCTION: Final = """
IF OLD."status" || ':' || NEW."status" <> ALL ('{%(moves)s}'::text[]) THEN
    RAISE EXCEPTION 'Status of %% may not change from "%%" to "%%"', TG_TABLE_NAME, OLD."status", NEW."status";
END IF;
IF (SELECT line."old" || ':' || line."new" FROM "%(table)s" line WHERE line."%(column)s" = NEW."%(key)s"
     ORDER BY line."id" DESC LIMIT 1) IS DISTINCT FROM OLD."status" || ':' || NEW."status" THEN
    RAISE EXCEPTION 'Status of %% may not change without its line of history', TG_TABLE_NAME;
END IF;
RETURN NEW;
"""


class MoveTrigger(pgtrigger.Trigger):
    """Refuses a change of status that is not allowed, or that has no line of history."""

    when = pgtrigger.Before
    operation = pgtrigger.Update
    condition = pgtrigger.Q(old__status__df=pgtrigger.F("new__status"))

    def __init__(self, *, name: str, moves: Iterable[tuple[str, str]]) -> None:
        self.moves = [f"{old}:{new}" for old, new in moves]
        super().__init__(name=name)

    def get_func(self, model: Any) -> str:
        owner = history_key(model)
        values = {
            "moves": ",".join(self.moves),
            "table": owner.model._meta.db_table,
            "column": owner.column,
            "key": model._meta.pk.column,
        }
        return self.format_sql(MOVE_FUNCTION % values)


def history_key(model: Any) -> "models.ForeignKey[Any, Any]":
    """Return the foreign key from a model's history to it."""
    key: models.ForeignKey[Any, Any] = model._meta.get_field("history").field
    return key


def append_only(name: str = "append_only") -> pgtrigger.Protect:
    """Return a trigger that refuses to change or delete a row."""
    return pgtrigger.Protect(name=name, operation=pgtrigger.Update | pgtrigger.Delete)


@dataclass(frozen=True)
class StateMachine:
    """The statuses of a model: the initial ones, and the moves from each.

    A status without moves is final: its set is empty. `error` is raised for a move that is not
    allowed.
    """

    initial: tuple[str, ...]
    moves: Mapping[str, frozenset[str]]
    error: type[MoveNotAllowed] = MoveNotAllowed

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """Every allowed move, as (old, new)."""
        return [(str(old), str(new)) for old, after in self.moves.items() for new in sorted(after)]

    def check(self, old: str, new: str) -> None:
        """Raise the model's error unless the move is allowed."""
        if new not in self.moves[old]:
            raise self.error

    def triggers(self) -> list[pgtrigger.Trigger]:
        """Return the triggers of the model, for its `Meta.triggers`."""
        initial = [str(status) for status in self.initial]
        return [
            MoveTrigger(name="status_moves", moves=self.pairs),
            pgtrigger.Protect(
                name="status_begins",
                operation=pgtrigger.Insert,
                condition=~pgtrigger.Q(new__status__in=initial),
            ),
        ]


class StatusModel(models.Model):
    """A row with a status. The model declares its field `status` and its triggers."""

    machine: ClassVar[StateMachine]

    if TYPE_CHECKING:
        status: models.CharField[Any, Any]

    class Meta:
        abstract = True


class HistoryLine(models.Model):
    """One line of a history: who did what, when and why. Its table is append-only.

    Queried by its row only, so the actor has no index: history is written in the release minute.
    """

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name=_("oleh"),
    )
    reason = models.CharField(_("alasan"), max_length=200, blank=True)
    at = models.DateTimeField(_("pada"))

    class Meta:
        abstract = True
        ordering: ClassVar = ["at", "id"]
        triggers: ClassVar = [append_only()]

    def __str__(self) -> str:
        return f"#{self.pk}"


Row = TypeVar("Row", bound=StatusModel)


def create(
    row: Row, *, by: AbstractBaseUser | None, now: datetime, reason: str = "", **line: Any
) -> Row:
    """Insert a row and the first line of its history. `line` is additional data of the line."""
    _require_transaction(row)
    owner = history_key(row)
    shared = {"by": by, "reason": reason, "at": now, **line}
    _write_new(row, owner.model(old="", new=row.status, **shared), owner=owner)
    return row


def move(
    row: Row,
    *,
    to: str,
    by: AbstractBaseUser | None,
    now: datetime,
    reason: str = "",
    line: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Row:
    """Change the status of a locked row, and the fields in `changes`; append the line of history.

    The caller has locked the row and read it under that lock. `line` is additional data of the
    line. Raises the error of the row's state machine when the move is not allowed.
    """
    _require_transaction(row)
    row.machine.check(row.status, to)
    owner = history_key(row)
    shared = {"by": by, "reason": reason, "at": now, **(line or {})}
    entry = owner.model(**{owner.name: row}, old=row.status, new=to, **shared)
    for name, value in {"status": to, **changes}.items():
        setattr(row, name, value)
    _write_move(row, entry, fields=["status", *changes])
    return row


def note(
    *rows: StatusModel, by: AbstractBaseUser | None, now: datetime, reason: str = "", **line: Any
) -> None:
    """Append a line of history for each row in one statement; the status does not change."""
    if not rows:
        return
    owner = history_key(rows[0])
    shared = {"by": by, "reason": reason, "at": now, **line}
    owner.model._default_manager.bulk_create(
        owner.model(**{owner.name: row}, old=row.status, new=row.status, **shared) for row in rows
    )


def status_models() -> list[type[StatusModel]]:
    """Return every model with a state machine."""
    return [model for model in apps.get_models() if issubclass(model, StatusModel)]


def _write_new(row: StatusModel, entry: models.Model, *, owner: Any) -> None:
    """Insert a row and its first line of history in one statement, and set the row's key."""
    using = row._state.db or "default"
    key = row._meta.pk
    made, made_params = _insert_of(row, using=using)
    setattr(entry, owner.attname, RawSQL("(SELECT made.made_id FROM made)", ()))
    line, line_params = _insert_of(entry, using=using)
    statement = f'WITH made AS ({made} RETURNING "{key.column}" AS made_id) {line} RETURNING "{owner.column}"'
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [*made_params, *line_params])
        [made_id] = cursor.fetchone()
    if row.pk is None:
        row.pk = made_id
    row._state.adding, row._state.db = False, using


def _write_move(row: StatusModel, entry: models.Model, *, fields: Iterable[str]) -> None:
    """Insert a line of history and update its row in one statement: a move costs one query.

    The count of inserted lines makes PostgreSQL insert before it updates; the trigger of the update
    reads the line.
    """
    using = row._state.db or "default"
    line, line_params = _insert_of(entry, using=using)
    query = UpdateQuery(type(row))
    query.add_q(models.Q(pk=row.pk))
    changed: list[Any] = [row._meta.get_field(name) for name in dict.fromkeys(fields)]
    query.add_update_fields([(field, None, field.pre_save(row, False)) for field in changed])
    update, update_params = query.get_compiler(using=using).as_sql()
    one = "(SELECT count(*) FROM line) = 1"
    statement = f"WITH line AS ({line} RETURNING 1) {update} AND {one}"
    with connections[using].cursor() as cursor:
        cursor.execute(statement, [*line_params, *update_params])
        if cursor.rowcount != 1:
            raise DatabaseError(f"{row._meta.label} {row.pk} is not there to be moved.")


def _insert_of(entry: models.Model, *, using: str) -> tuple[str, Sequence[Any]]:
    """Return the SQL and parameters that insert an object; the database makes a key that is missing."""
    fields = [
        field
        for field in entry._meta.local_concrete_fields
        if not field.generated and (entry.pk is not None or not field.primary_key)
    ]
    query = InsertQuery(type(entry))
    query.insert_values(fields, [entry], raw=False)
    [(sql, params)] = query.get_compiler(using=using).as_sql()
    return sql, params


def _require_transaction(row: StatusModel) -> None:
    using = row._state.db or "default"
    if not connections[using].in_atomic_block:
        raise transaction.TransactionManagementError(
            "A status is written in a transaction, with the row locked."
        )
