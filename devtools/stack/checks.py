"""The Django checks of `make check`: no migration is missing, and production settings raise no warning."""

import os
import sys
import warnings

THROW_AWAY = {
    "DJANGO_SETTINGS_MODULE": "passport_office.settings.production",
    "SECRET_KEY": "0123456789-only-for-this-check-abcdefghijklmnopqrstuvwxyz-ABCDEFG",
    "PERSON_KEY": "only-for-this-check-0123456789-abcdef",
    "FIELD_KEYS": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
    "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "EMAIL_URL": "smtp://127.0.0.1:1",
    "ALLOWED_HOSTS": "paspor.example",
    "PUBLIC_URL": "https://paspor.example",
    "TRUSTED_PROXIES": "1",
}


def main() -> int:
    """Run both checks with throw-away secrets."""
    os.environ.update(THROW_AWAY)
    import django
    from django.core.management import call_command
    from django.core.management.base import SystemCheckError

    django.setup()
    with warnings.catch_warnings():
        # No database is available; comparing models and files needs none.
        warnings.simplefilter("ignore", RuntimeWarning)
        call_command("makemigrations", check_changes=True, dry_run=True)
    try:
        call_command("check", deploy=True, fail_level="WARNING")
    except SystemCheckError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
