"""Every kind of file that can be imported, in the order in which a new shop would do it."""

from knowledge.catalog.importer import CATALOG_KINDS
from knowledge.imports.kind import Kind
from knowledge.orders.importer import ORDER_KINDS

KINDS: dict[str, Kind] = {kind.name: kind for kind in (*CATALOG_KINDS, *ORDER_KINDS)}
