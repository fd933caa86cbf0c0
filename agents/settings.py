"""What the agents may be told from outside. Built once at the start and passed down."""

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class AgentSettings(BaseSettings):
    """With neither a model name nor an address and key, everything runs on the offline writer.

    Prices are fen per million tokens; 0 leaves the cost unknown and the ledger's column at 0.
    """

    model_config = SettingsConfigDict(
        env_prefix="LIVECREW_",
        env_file=".env",
        frozen=True,
        extra="ignore",
        env_ignore_empty=True,
        hide_input_in_errors=True,
    )

    llm_base_url: str = ""
    """Of any OpenAI-compatible endpoint, usually ending in /v1; blank with a key means OpenAI itself."""
    llm_model: str = ""
    llm_api_key: SecretStr = SecretStr("")
    llm_timeout_s: float = Field(default=30.0, gt=0)
    """For one attempt."""
    llm_total_timeout_s: float = Field(default=60.0, gt=0)
    """For all attempts of one piece of writing, waits included."""
    llm_max_retries: int = Field(default=2, ge=0, le=10)
    llm_max_output_tokens: int = Field(default=800, ge=16)
    llm_max_input_tokens: int = Field(default=6_000, ge=256)
    llm_temperature: float = Field(default=0.2, ge=0, le=2)
    llm_input_price_fen_per_mtok: int = Field(default=0, ge=0)
    llm_output_price_fen_per_mtok: int = Field(default=0, ge=0)
    llm_breaker_threshold: int = Field(default=5, ge=1)
    """Failed pieces of writing in a row after which the endpoint is left alone."""
    llm_breaker_cooldown_s: float = Field(default=30.0, gt=0)

    @property
    def llm_configured(self) -> bool:
        return bool(self.llm_model and (self.llm_base_url or self.llm_api_key.get_secret_value()))
