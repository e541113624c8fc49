"""Load tests: what a release costs, measured through HTTP. See docs/performance.md."""
