"""`python -m devtools.stack` starts the stack without loading Django into the supervisor."""

import sys

from devtools.stack.supervisor import run

if __name__ == "__main__":
    sys.exit(run())
