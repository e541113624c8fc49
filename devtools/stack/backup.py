"""`make backup`."""

import sys

from devtools.stack import dumps

if __name__ == "__main__":
    sys.exit(dumps.main(dumps.backup))
