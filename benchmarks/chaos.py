"""`python -m benchmarks.chaos [ROUNDS] [KIND ...] [--minutes N]`: the same as `make chaos ROUNDS=1`."""

import runpy

if __name__ == "__main__":
    runpy.run_module("devtools.cluster.chaos", run_name="__main__")
