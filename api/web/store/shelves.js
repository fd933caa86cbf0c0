import { clock } from "../clock.js";
import { el } from "../dom.js";
import { money } from "../money.js";
import { drawing } from "./pictures.js";

const TINTS = 6;

export function shelf({ category, products }, index, onAsk) {
  const id = `shelf-${index}`;
  const tiles = products.map((product) => tile(product, index % TINTS, onAsk));
  return el(
    "section",
    { class: "shelf", id, "aria-labelledby": `${id}-name` },
    el("h2", { id: `${id}-name` }, category, el("small", { text: `${products.length} 件` })),
    el("ul", { class: "tiles" }, ...tiles),
  );
}

function tile(product, tint, onAsk) {
  const ask = el("button", { type: "button", class: "ask", "aria-label": `问问客服：${product.title}`, text: "问问客服" });
  ask.addEventListener("click", () => onAsk(product));
  return el(
    "li",
    { class: `tile tint-${tint}`, "data-product": product.product_id },
    el("div", { class: "picture" }, drawing(product.title), product.offer_name && el("span", { class: "flag", text: product.offer_name })),
    el("p", { class: "maker", text: product.brand }),
    el("h3", { text: product.title.replace(product.brand, "") || product.title }),
    el("p", { class: "words", text: product.words }),
    el("div", { class: "foot" }, price(product), ask),
    product.offer_ends_at && el("p", { class: "ends", text: `${clock(product.offer_ends_at, "zh")} 截止` }),
  );
}

function price({ price_fen: now, list_price_fen: list, several, sold_out: soldOut }) {
  const row = el("p", { class: "price" }, el("strong", { text: money(now) }));
  if (several) row.append(el("span", { text: "起" }));
  if (list > now) row.append(el("s", { "aria-label": `原价 ${money(list)}`, text: money(list) }));
  if (soldOut) row.append(el("span", { class: "gone", text: "补货中" }));
  return row;
}
