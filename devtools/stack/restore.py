"""`make restore FILE=…`."""

import sys

from devtools.stack import dumps

if __name__ == "__main__":
    sys.exit(dumps.main(lambda: dumps.restore(sys.argv[1] if len(sys.argv) > 1 else "")))
