"""`python -m benchmarks.chaos [ROUNDS] [KIND ...] [--minutes N]`: the same as `make chaos ROUNDS=1`."""

import sys

from devtools.cluster import chaos
from devtools.stack.errors import StackError

if __name__ == "__main__":
    try:
        sys.exit(chaos.main(sys.argv[1:]))
    except StackError as error:
        sys.exit(str(error))
