"""Starts, supervises and stops what one machine needs: PostgreSQL, Valkey, web, worker, beat, mail sink."""
