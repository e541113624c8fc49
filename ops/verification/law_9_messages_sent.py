"""Law 9: no message stays unsent."""

from typing import Final

from ops.verification.law import Law

LAW_9: Final = Law(
    9,
    "No message stays unsent: none waits an hour past its time",
    "SELECT count(*) FROM notices_message",
    (
        """
            SELECT 'message ' || id FROM notices_message
             WHERE sent_at IS NULL AND given_up_at IS NULL AND suppressed_at IS NULL AND due_at < %(unsent_before)s
            """,
        "SELECT 'message ' || min(id) FROM notices_message GROUP BY dedupe_key HAVING count(*) > 1",
        "SELECT 'message ' || id FROM notices_message WHERE sent_at < due_at",
    ),
)
