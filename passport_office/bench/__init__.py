"""Measures a release minute on this machine: the real server, a crowd of its own, databases of its own."""
