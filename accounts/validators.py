"""What happens when a password changes, in whatever way it does."""

from typing import Any

from accounts import services
from accounts.models import User


class RevokesTokens:
    """Revokes the account's API tokens. Sessions end by themselves: each holds a hash of its password.

    Django calls `password_changed` whenever a new password is saved: by a page, a command or the shell.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Accept every password; the other validators judge it."""

    def get_help_text(self) -> str:
        return ""

    def password_changed(self, password: str, user: Any = None) -> None:
        if isinstance(user, User):
            services.revoke_tokens(user_id=user.pk)
