"""`manage.py breach_report`: whose data a stolen account or token exposed, for the notice within 3 x 24 hours."""

import csv
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import User
from core import clock
from privacy.breaches.selectors import (
    Reach,
    account_of_token,
    reach_of_account,
    reach_of_token,
)

COLUMNS = ("person", "name", "address", "was_read")


class Command(BaseCommand):
    help = (
        "Writes, as CSV, the people whose data an account or a token could have read since a time, with `yes` for those"
        " whose record an officer's screen did show. UU 27/2022 gives 3 x 24 hours to notify them."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--since", required=True, help="ISO time with its zone, e.g. 2026-11-20T08:00+07:00"
        )
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--account", help="address of the account")
        whose.add_argument("--token", help="the first fifteen characters of an API token")

    def handle(self, *_args: Any, **options: Any) -> None:
        since, now = _moment(options["since"]), clock.now()
        if since > now:
            raise CommandError("--since is in the future.")
        reach = _reach(options, since=since, now=now)
        read = set(reach.did_read.values_list("pk", flat=True))
        could = reach.could_read.exclude(pk__in=read)
        writer = csv.writer(self.stdout)
        writer.writerow(COLUMNS)
        for people, was_read in ((reach.did_read, "yes"), (could, "no")):
            for person in people.iterator(chunk_size=500):
                address = person.account.email if person.account else ""
                writer.writerow((person.pk, person.full_name, address, was_read))
        self.stderr.write(
            f"{len(read)} people were read, {could.count()} more could have been read."
            f" Accounts opened in the list of accounts: {reach.accounts_read.count()}."
            + (" The role also opens every account." if reach.reads_all_accounts else "")
        )


def _reach(options: dict[str, Any], *, since: datetime, now: datetime) -> Reach:
    if options["token"]:
        account = account_of_token(options["token"])
        if account is None:
            raise CommandError("No such token, or it has been deleted: use --account.")
        return reach_of_token(account, now=now)
    account = User.objects.filter(email=options["account"].strip().lower()).first()
    if account is None:
        raise CommandError("No account has this address.")
    return reach_of_account(account, since=since, now=now)


def _moment(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise CommandError("--since is not an ISO time, e.g. 2026-11-20T08:00+07:00") from error
    if moment.tzinfo is None:
        raise CommandError("--since needs its zone, e.g. 2026-11-20T08:00+07:00")
    return moment
