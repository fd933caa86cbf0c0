"""What is wrong with a file: every error names its row, its field and the rule; personal values are masked."""

from dataclasses import asdict, dataclass, field

from knowledge.kit.errors import InvalidInputError

LISTED = 100  # so many errors are told in full; the rest are counted
_SHOWN = 40


class BrokenRuleError(ValueError):
    """Raised by a field's parser; the message is the rule in a few words."""

    @property
    def rule(self) -> str:
        return str(self)


@dataclass(frozen=True)
class RowError:
    """`row` as a spreadsheet numbers it (the header is 1), or the position of a JSON object; 0 is the file itself."""

    row: int
    field: str
    rule: str
    value: str = ""


class ImportRefusedError(InvalidInputError):
    """`data`: kind, error_count, and the first errors by row as {row, field, rule, value}."""


def _masked(value: str) -> str:
    return f"{value[:1]}***" if value else ""


@dataclass
class Refusals:
    """Collects errors, keeping the ones of the first rows."""

    personal: frozenset[str] = frozenset()
    count: int = 0
    errors: list[RowError] = field(default_factory=list)

    def add(self, row: int, name: str, rule: str, value: object = "", *, count: int = 1) -> None:
        self.count += count
        if len(self.errors) < LISTED:
            told = "" if value is None else str(value)
            told = _masked(told) if name in self.personal else told[:_SHOWN]
            self.errors.append(RowError(row, name, rule, told))

    def raise_any(self, kind: str) -> None:
        """Raises: ImportRefusedError when anything was added."""
        if not self.count:
            return
        told = sorted(self.errors, key=lambda error: error.row)
        first = told[0]
        where = f"row {first.row}, {first.field}" if first.row else first.field
        more = f" ({self.count} errors in all)" if self.count > 1 else ""
        raise ImportRefusedError(
            f"Nothing was imported: {where}: {first.rule}{more}.",
            kind=kind,
            error_count=self.count,
            errors=[asdict(error) for error in told],
        )
