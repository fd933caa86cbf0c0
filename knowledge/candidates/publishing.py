"""The learned document follows the table: after each change its versions tell which pairs hold today and on each later
day when one begins or ends. Versions are only ever added, so what was in force on a past day stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from knowledge.candidates import repository
from knowledge.candidates.models import Candidate
from knowledge.documents import repository as documents
from knowledge.documents.effective import in_force, valid_on
from knowledge.documents.models import Document
from knowledge.documents.pairs import PAIRS_SUFFIX, Pair, written
from knowledge.documents.service import DocumentService, Upload
from knowledge.kit.db import Scope

DOC = "faq-learned"
TITLE = "人工答复整理"
SOURCE = "learned"
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Stretch:
    """From this day on these pairs hold, until the next stretch begins."""

    starts: date
    pairs: tuple[Pair, ...]


def stretches(candidates: Sequence[Candidate], today: date, also: Iterable[date] = ()) -> list[Stretch]:
    """Ascending, the first one today; `also` are later days that must be told whatever changes on them."""
    days = {today, *also}
    for one in candidates:
        days |= {day for day in (one.effective_from, one.effective_to and one.effective_to + _DAY) if day}
    return [
        Stretch(day, tuple(_pair(one) for one in candidates if valid_on(one.effective_from, one.effective_to, day)))
        for day in sorted(days)
        if day >= today
    ]


async def follow(scope: Scope, service: DocumentService, today: date) -> list[Document]:
    """The versions added, in the transaction that changed the table; the document is locked until it ends."""
    await documents.lock_doc(scope, DOC)
    candidates = await repository.published(scope)
    versions = [one for one in await documents.versions(scope, DOC) if one.state != "failed"]
    later = [one.effective_from for one in versions if one.effective_from and one.effective_from > today]
    added: list[Document] = []
    for stretch in stretches(candidates, today, later):
        content = written(TITLE, stretch.pairs)
        current = in_force([*versions, *added], stretch.starts)
        if current is None and not stretch.pairs:
            continue
        if current is not None and current.sha256 == sha256(content).hexdigest():
            continue
        upload = Upload(
            doc=DOC, file_name=f"{DOC}{PAIRS_SUFFIX}", content=content, kind="faq", source=SOURCE, title=TITLE,
            effective_from=stretch.starts,
        )  # fmt: skip
        added.append((await service.add_within(scope, upload)).document)
    return added


def _pair(one: Candidate) -> Pair:
    return Pair(
        question=one.question, wordings=tuple(one.wordings), answer=one.answer, source=one.handoff_id, candidate=one.id
    )
