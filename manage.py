#!/usr/bin/env python
"""Django's command line, pointed at the running stack."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "passport_office.settings.demo")
    from devtools.stack.state import explain_missing_database

    sentence = explain_missing_database(sys.argv[1:], os.environ)
    if sentence:
        sys.exit(sentence)
    try:
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed here. Run `make install`, then use .venv/bin/python manage.py"
        )
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
