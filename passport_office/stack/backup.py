"""`make backup`."""

import sys

from passport_office.stack import dumps

if __name__ == "__main__":
    sys.exit(dumps.main(dumps.backup))
