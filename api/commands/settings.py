"""The settings every command starts from."""

from dataclasses import dataclass

from pydantic import ValidationError

from agents.settings import AgentSettings
from api.settings import ApiSettings
from knowledge.kit.errors import ConfigurationError
from knowledge.settings import KnowledgeSettings


@dataclass(frozen=True)
class AllSettings:
    knowledge: KnowledgeSettings
    agents: AgentSettings
    api: ApiSettings


def read_settings() -> AllSettings:
    """Raises: ConfigurationError naming the variable and the rule it broke."""
    try:
        return AllSettings(KnowledgeSettings(), AgentSettings(), ApiSettings())
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = "LIVECREW_" + "_".join(map(str, first["loc"])).upper()
        raise ConfigurationError(f"{name}: {first['msg']}.") from error
