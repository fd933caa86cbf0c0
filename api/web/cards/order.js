import { el } from "../dom.js";
import { knows, nameIt, say } from "../i18n.js";
import { money } from "../money.js";
import { facts, unfolding, when } from "./pieces.js";

const STEPS_SHOWN = 3;

export function orderCard(card) {
  const node = nameIt(el("section", { class: "card order-card" }), "orderCard", { id: card.order_id });
  const unpaid = card.state === "unpaid"; // nothing is paid yet: ¥0 would read as free
  node.append(head(card), items(card.items, unpaid));
  node.append(
    facts(
      ["placedAt", card.placed_at && when(card.placed_at)],
      ["paid", !unpaid && el("strong", { text: money(card.paid_fen) })],
      ["courier", courier(card)],
      ["expectedOn", card.expected_on && when(card.expected_on)],
      ["refund", card.refund_text && el("span", { class: "refund", text: card.refund_text })],
    ),
  );
  if (card.steps?.length) node.append(...timeline(card.steps));
  return node;
}

function head({ order_id: id, state, state_text: text }) {
  const key = `state${state[0].toUpperCase()}${state.slice(1)}`;
  const badge = el("span", { class: `badge state-${state}` });
  if (knows(key)) say(badge, key);
  else badge.textContent = text;
  return el("div", { class: "card-head" }, say(el("h3", { class: "card-title" }), "orderCard", { id }), badge);
}

function items(lines, unpaid) {
  return el("ul", { class: "order-lines" }, ...lines.map((one) => line(one, unpaid)));
}

function line({ title, sku_name: sku, quantity, paid_fen: paid }, unpaid) {
  const name = el("span", { class: "line-name" }, el("span", { text: title }), sku && el("small", { text: sku }));
  return el("li", {}, name, say(el("span", { class: "line-count" }), "quantity", { n: quantity }), !unpaid && el("span", { class: "line-paid", text: money(paid) }));
}

function courier({ courier: name, tracking_no: number, shipment_text: text }) {
  if (!name && !text) return null;
  return el("span", {}, [name, text].filter(Boolean).join(" · "), number && el("span", { class: "tracking", text: number }));
}

function timeline(steps) {
  const rows = steps.map(({ at, text }, index) =>
    el("li", { class: index ? "" : "newest" }, when(at, "step-at"), el("span", { class: "step-text", text })),
  );
  return [say(el("h4", { class: "card-subtitle" }), "timeline"), ...unfolding(rows, STEPS_SHOWN, "earlierSteps", "timeline")];
}
