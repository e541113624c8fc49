"""Whether a kept connection still lives is seen at its socket; asking `SELECT 1` cost each request a round trip."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    """A server that ended or restarted has closed its end: then there is something to read, and we ask in earnest."""

    def is_usable(self) -> bool:
        connection = self.connection
        if connection is None or connection.closed:
            return False
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN)
        return not waiting.poll(0) or bool(super().is_usable())
