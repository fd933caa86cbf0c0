// Facts of the shop beside the words, laid out for the eye; shapes as in agents/support/cards.py.
import { comparisonCard } from "./comparison.js";
import { orderCard } from "./order.js";
import { policyCard } from "./policy.js";
import { priceHistoryCard } from "./price_history.js";
import { productCard } from "./product.js";

const KINDS = {
  order: orderCard,
  product: productCard,
  comparison: comparisonCard,
  policy: policyCard,
  price_history: priceHistoryCard,
};

// null for a kind this page does not know yet: the words of the message stand without it.
export const cardNode = (card) => KINDS[card.kind]?.(card) ?? null;
