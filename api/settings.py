from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class ApiSettings(BaseSettings):
    """How the service is reached and how much of it one caller may use."""

    model_config = SettingsConfigDict(env_prefix="LIVECREW_", env_file=".env", extra="ignore", frozen=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8787, ge=1, le=65535)
    max_body_bytes: int = Field(default=25_000_000, ge=1024)
    max_import_bytes: int = Field(default=1_000_000_000, ge=1024)
    """Of a file posted for import; it waits on disk, in the system's folder for temporary files."""
    messages_per_minute: int = Field(default=30, ge=1)
    conversations_per_minute: int = Field(default=20, ge=1)
    widget_origins: str = ""
    """Origins, with commas between, whose pages may embed the widget; `*` allows every one."""
    console: bool = True
    """`off` leaves the console out."""
    console_secret: SecretStr = SecretStr("")
    """Signs console sign-ins; blank makes one and keeps it in the home folder. Several servers share one."""
    webhooks_to_private: bool = False
    """Lets shops' webhooks go to private addresses, and there without TLS."""
    log_format: str = Field(default="console", pattern="^(console|json)$")
