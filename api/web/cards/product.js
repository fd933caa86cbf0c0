import { el } from "../dom.js";
import { nameIt, say } from "../i18n.js";
import { money } from "../money.js";
import { facts, when } from "./pieces.js";

const FACTS_SHOWN = 6;

export function productCard(card) {
  const node = nameIt(el("section", { class: "card product-card" }), "productCard", { title: card.title });
  node.append(el("h3", { class: "card-title", text: card.title }), price(card));
  const rows = (card.attributes ?? []).map(({ name, value }) => [{ text: name }, el("span", { text: value })]);
  node.append(facts(["stock", card.stock_text && el("span", { text: card.stock_text })], ...rows.slice(0, FACTS_SHOWN)));
  if (rows.length > FACTS_SHOWN) node.append(more(rows.slice(FACTS_SHOWN)));
  return node;
}

function price({ price_fen: now, list_price_fen: list, offer_name: offer, offer_ends_at: until }) {
  const row = el("p", { class: "price-row" }, el("strong", { class: "price", text: money(now) }));
  if (list > now) row.append(say(el("s", { class: "was" }), "listPrice", { price: money(list) }));
  if (offer) row.append(el("span", { class: "badge offer", text: offer }));
  if (until) row.append(el("span", { class: "until" }, say(el("span"), "offerUntil"), " ", when(until)));
  return row;
}

function more(rows) {
  const summary = say(el("summary", { class: "link more" }), "moreFacts", { n: rows.length });
  return el("details", { class: "more-facts" }, summary, facts(...rows));
}
