"""What can stop the stack, each told in one plain sentence."""


class StackError(Exception):
    """A sentence for the person at the terminal: what is wrong and what to do."""
