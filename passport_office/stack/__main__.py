"""`python -m passport_office.stack` starts the stack without loading Django into the supervisor."""

import sys

from passport_office.stack.supervisor import run

if __name__ == "__main__":
    sys.exit(run())
