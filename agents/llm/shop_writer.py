"""One writer for all shops: each shop's own model where it chose one in the console, the process's otherwise. A change
holds from the next piece of writing on, in every process, because each looks at the shop's row first."""

from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agents.llm import shop_models
from agents.llm.addresses import check_base_url
from agents.llm.breaker import Breaker
from agents.llm.chat import ChatEndpoint
from agents.llm.ledger import Ledger
from agents.llm.models import ModelSettingsRow
from agents.llm.ports import OfflineWriter, OutputT, Writer, WriteTask, Written
from agents.llm.writer import LLMWriter
from agents.settings import AgentSettings
from knowledge.kit.clock import Clock
from knowledge.kit.db import Database
from knowledge.kit.errors import InvalidInputError

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ShopModel:
    """What a shop chose; blank fields fall back to the process's. `api_key` never leaves this layer once stored."""

    base_url: str = ""
    model: str = ""
    api_key: str = field(default="", repr=False)


@dataclass(eq=False)
class _Held:
    """A writer and how many are writing with it: one that was replaced is closed by the last of them."""

    model: ShopModel
    writer: LLMWriter
    busy: int = 0
    replaced: bool = False


class ShopWriter:
    def __init__(
        self, default: Writer, settings: AgentSettings, database: Database, ledger: Ledger, clock: Clock
    ) -> None:
        self._default = default
        self._settings = settings
        self._database = database
        self._ledger = ledger
        self._clock = clock
        self._held: dict[str, _Held] = {}

    async def write(self, task: WriteTask[OutputT]) -> Written[OutputT]:
        held = await self._for(task.shop_id) if task.shop_id else None
        if held is None:
            return await self._default.write(task)
        try:
            return await held.writer.write(task)
        finally:
            held.busy -= 1
            await self._close_if_done(held)

    async def name_for(self, shop_id: str) -> str:
        """The model that writes for the shop, or `offline`."""
        chosen = self.settings_for(await self.chosen(shop_id) or ShopModel())
        offline = isinstance(self._default, OfflineWriter) and not chosen.llm_configured
        return "offline" if offline else chosen.llm_model

    async def chosen(self, shop_id: str) -> ShopModel | None:
        async with self._database.transaction(shop_id) as scope:
            row = await shop_models.find(scope)
        return _model(row) if row else None

    async def choose(self, shop_id: str, chosen: ShopModel) -> None:
        """Raises: InvalidInputError, also where nothing could be called with what was given."""
        await self.check(chosen)
        async with self._database.transaction(shop_id) as scope:
            await shop_models.save(scope, base_url=chosen.base_url, model=chosen.model, api_key=chosen.api_key)

    async def forget(self, shop_id: str) -> None:
        """Back to the process's own model."""
        async with self._database.transaction(shop_id) as scope:
            await shop_models.remove(scope)

    async def check(self, chosen: ShopModel) -> None:
        """Raises: InvalidInputError."""
        if chosen.base_url:
            await check_base_url(chosen.base_url)
        if not self.settings_for(chosen).llm_configured:
            raise InvalidInputError("A model name and an address or key are needed.", field="model", rule="required")

    def settings_for(self, chosen: ShopModel) -> AgentSettings:
        """The process's key goes to the process's endpoint only: a shop that names another address brings a key."""
        own = chosen.base_url.rstrip("/")
        ours = not own or own == self._settings.llm_base_url.rstrip("/")
        key = chosen.api_key or (self._settings.llm_api_key.get_secret_value() if ours else "")
        return AgentSettings.model_validate(
            self._settings.model_dump()
            | {"llm_base_url": own or self._settings.llm_base_url, "llm_api_key": key}
            | {"llm_model": chosen.model or self._settings.llm_model}
        )

    async def aclose(self) -> None:
        for held in self._held.values():
            await held.writer.aclose()
        self._held.clear()

    async def _for(self, shop_id: str) -> _Held | None:
        """The shop's own writer, counted as busy; None for the process's."""
        try:
            chosen = await self.chosen(shop_id)
        except SQLAlchemyError as error:  # words do not fail for want of a setting: what was known holds on
            log.warning("model_settings_unread", error=str(error).partition("\n")[0])
            known = self._held.get(shop_id)
            chosen = known.model if known else None
        held, old = self._held.get(shop_id), None
        if held and held.model != chosen:
            old = self._held.pop(shop_id)
            held, old.replaced = None, True
        if held is None and chosen is not None:
            held = self._held[shop_id] = _Held(chosen, self._build(chosen))
        if held:
            held.busy += 1
        if old:
            await self._close_if_done(old)
        return held

    async def _close_if_done(self, held: _Held) -> None:
        if held.replaced and not held.busy:
            await held.writer.aclose()

    def _build(self, chosen: ShopModel) -> LLMWriter:
        settings = self.settings_for(chosen)
        breaker = Breaker(settings.llm_breaker_threshold, settings.llm_breaker_cooldown_s, self._clock)
        return LLMWriter(ChatEndpoint(settings), settings, self._ledger, breaker)


def _model(row: ModelSettingsRow) -> ShopModel:
    return ShopModel(row.base_url, row.model, row.api_key)
