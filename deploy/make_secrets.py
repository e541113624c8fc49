"""Writes the secrets that docker-compose.yml reads: `python3 deploy/make_secrets.py [FOLDER]` (default: secrets).

Existing files are kept. The address of the mail server is a secret too (it holds a password) and is typed in.
The folder is readable for its owner only; the files in it are readable for the users of the containers.
"""

# ruff: noqa: T201

import base64
import os
import secrets
import sys
from pathlib import Path

FILES = {
    "secret_key": lambda: secrets.token_urlsafe(60),
    # Empty until a key is replaced.
    "secret_key_fallbacks": str,
    "person_key_old": str,
    "person_key": lambda: secrets.token_urlsafe(60),
    "field_keys": lambda: base64.urlsafe_b64encode(os.urandom(32)).decode(),
    # Exchanged with the bank; it signs the bank's notices of payments.
    "bank_notice_secret": lambda: secrets.token_urlsafe(60),
    # Exchanged with the gateway for SMS and WhatsApp; it signs what both send.
    "message_gateway_key": lambda: secrets.token_urlsafe(60),
    "postgres_password": lambda: secrets.token_urlsafe(30),
    "metrics_token": lambda: secrets.token_urlsafe(30),
    "email_url": lambda: input("E-mail server (smtp+tls://user:password@host:587): "),
}


def main(folder: Path) -> None:
    """Create the folder and each missing file."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, create in FILES.items():
        file = folder / name
        if file.exists():
            print(f"{file} exists")
            continue
        file.write_text(create())
        file.chmod(0o444)
        print(f"{file} written")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "secrets"))
