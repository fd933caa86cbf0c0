from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict


class EvalSettings(BaseSettings):
    """Embeddings of eval corpora are kept outside the throw-away homes."""

    model_config = SettingsConfigDict(env_prefix="LIVECREW_", env_file=".env", extra="ignore", frozen=True)

    embed_cache: Path = Path("~/.cache/livecrew/embeddings")

    @property
    def embed_cache_path(self) -> Path:
        return self.embed_cache.expanduser()
