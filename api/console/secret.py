"""What signs the console's cookies: the setting, or a value made once and kept beside the data."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from pydantic import SecretStr

from knowledge.kit.errors import ConfigurationError

_FILE = "console.secret"
_LEAST = 32


def console_secret(given: SecretStr, home: Path) -> SecretStr:
    """Raises: ConfigurationError when the setting is too short to be a secret, or the file cannot be kept."""
    value = given.get_secret_value()
    if value and len(value) < _LEAST:
        raise ConfigurationError(f"LIVECREW_CONSOLE_SECRET needs at least {_LEAST} characters.")
    if value:
        return given
    return SecretStr(kept_private(home / _FILE, secrets.token_urlsafe(48)))


def kept_private(path: Path, fresh: str) -> str:
    """The content of the file, which is made with `fresh` and mode 0600 if it is not there.

    Raises: ConfigurationError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}.{os.getpid()}")
        with suppress(FileExistsError):
            if not path.exists():
                with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                    file.write(fresh)
                os.link(half, path)  # never half-written, and the first of two processes wins
        half.unlink(missing_ok=True)
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be kept: {error.strerror}.") from error
