"""The error of the stack."""


class StackError(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do."""
