"""From whatever an adapter holds to what the shopper may see: one way, so that every adapter shows the same."""

from knowledge.kit.masking import mask_address, mask_phone
from knowledge.orders.views import OrderIn, OrderView


def masked(order: OrderIn | OrderView) -> OrderView:
    """Address and phone masked (again, where they came masked), everything in its order."""
    if isinstance(order, OrderIn):
        address, phone = order.address, order.phone
    else:
        address, phone = order.masked_address, order.masked_phone
    shipments = [
        one.model_copy(update={"steps": tuple(sorted(one.steps, key=lambda step: step.at))}) for one in order.shipments
    ]
    facts = {name: getattr(order, name) for name in OrderView.model_fields if not name.startswith("masked_")}
    ordered = {
        "items": tuple(sorted(order.items, key=lambda item: item.line)),
        "shipments": tuple(
            sorted(shipments, key=lambda one: (one.shipped_at is None, one.shipped_at, one.tracking_no))
        ),
        "refunds": tuple(sorted(order.refunds, key=lambda refund: (refund.requested_at, refund.refund_id))),
    }
    return OrderView(**(facts | ordered), masked_address=mask_address(address), masked_phone=mask_phone(phone))
