"""Structured logs: one event a line, to stderr; message texts never appear in them, ids do."""

import logging
import re
import sys

import structlog

from agents.support.screen import masked

_DETAIL = re.compile(r"^DETAIL: .*$", re.MULTILINE)  # PostgreSQL quotes the row that broke a constraint


def configure(log_format: str, *, quiet: bool = False) -> None:
    """`log_format` is console or json; `quiet` shows warnings only. Personal data is masked before it is written."""
    level = logging.WARNING if quiet else logging.INFO
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _masked,
    ]
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    formatter = structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processor=renderer)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("procrastinate").setLevel(
        logging.CRITICAL
    )  # it reconnects by itself; our worker says so in a line


def _masked(_logger: object, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """What starts with an underscore is structlog's own: it takes it off again before anything is written."""
    return {key: value if key.startswith("_") else _mask(value) for key, value in event.items()}


def _mask(value: object) -> object:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, dict):
        return {str(_mask(str(key))): _mask(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(inner) for inner in value]
    told = masked(_DETAIL.sub("DETAIL: [masked]", str(value)))
    return value if isinstance(value, int) and told == str(value) else told
