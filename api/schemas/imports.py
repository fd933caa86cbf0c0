from datetime import datetime

from pydantic import BaseModel, ConfigDict


class ColumnOut(BaseModel):
    """How a header was read; `taken_as` is empty for a column that was ignored."""

    model_config = ConfigDict(from_attributes=True)

    header: str
    taken_as: str


class ImportReportOut(BaseModel):
    """`row_count` rows read; the other counts are things: an order of three rows is one."""

    model_config = ConfigDict(from_attributes=True)

    import_id: str
    kind: str
    file_name: str
    dry_run: bool
    row_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    columns: list[ColumnOut]


class ImportOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    id: str
    kind: str
    file_name: str
    sha256: str
    row_count: int
    new_count: int
    changed_count: int
    unchanged_count: int
    created_by: str
    created_at: datetime
