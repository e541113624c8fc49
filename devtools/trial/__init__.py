"""A day to try: the demo's page that signs in, moves the clock and fills an office (ADR 21)."""
