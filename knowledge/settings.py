from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class KnowledgeSettings(BaseSettings):
    """Where facts live. An empty database URL means the private PostgreSQL inside `home`."""

    model_config = SettingsConfigDict(env_prefix="LIVECREW_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Path("~/.livecrew")
    database_url: SecretStr = SecretStr("")
    database_owner_url: SecretStr = SecretStr("")
    chroma_url: str = ""
    embed_cache: Path | None = None
    embed_base_url: str = ""
    embed_model: str = ""
    embed_api_key: SecretStr = SecretStr("")
    oms_base_url: str = ""
    """Of the shop's own order system, over signed HTTP; blank means the orders imported here."""
    oms_key_id: str = ""
    oms_secret: SecretStr = SecretStr("")
    oms_timeout_s: float = Field(default=3.0, gt=0)
    """For one attempt; there are at most two."""

    @property
    def home_path(self) -> Path:
        return self.home.expanduser().resolve()

    @property
    def embed_cache_path(self) -> Path:
        return (self.embed_cache or self.home_path / "embed-cache").expanduser()

    @property
    def shared_embed_cache(self) -> Path:
        """Outside any home, for runs that throw their home away."""
        return (self.embed_cache or Path("~/.cache/livecrew/embeddings")).expanduser()
