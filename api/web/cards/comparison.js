// A real table: products across, facts down. Rows in which the products differ stand out, in words for a reader.
import { el } from "../dom.js";
import { nameIt, say } from "../i18n.js";
import { money } from "../money.js";

export function comparisonCard({ products, rows }) {
  const table = el("table", { class: "comparison" }, say(el("caption", { class: "sr" }), "comparison"), head(products), body(products, rows));
  const scroller = nameIt(el("div", { class: "table-scroll", tabindex: "0", role: "region" }, table), "comparison");
  const node = nameIt(el("section", { class: "card comparison-card" }), "comparison");
  const bar = el("div", { class: "card-head" }, say(el("h3", { class: "card-title" }), "comparison"));
  if (rows.some((row) => row.same)) bar.append(onlyDifferences(table));
  node.append(bar, scroller, say(el("p", { class: "table-hint" }), "wideTable"));
  new ResizeObserver(() => node.classList.toggle("scrolls", scroller.scrollWidth > scroller.clientWidth + 1)).observe(scroller);
  return node;
}

function head(products) {
  const names = products.map(({ title }) => el("th", { scope: "col", text: title }));
  return el("thead", {}, el("tr", {}, say(el("th", { scope: "col" }), "comparedBy"), ...names));
}

function body(products, rows) {
  const prices = products.map((one) => money(one.price_fen));
  const price = row(say(el("th", { scope: "row" }), "price"), prices, new Set(prices).size === 1);
  const others = rows.filter(({ name }) => name !== "价格"); // the products' own prices stand above it
  return el("tbody", {}, price, ...others.map(({ name, values, same }) => row(el("th", { scope: "row", text: name }), values, same)));
}

function row(name, values, same) {
  const cells = values.map((value) => (value ? el("td", { text: value }) : say(el("td", { class: "not-stated" }), "notStated")));
  if (!same) name.append(" ", say(el("span", { class: "sr" }), "differs"));
  return el("tr", { class: same ? "same" : "differs" }, name, ...cells);
}

function onlyDifferences(table) {
  const button = say(el("button", { type: "button", class: "toggle", "aria-pressed": "false" }), "onlyDifferences");
  button.addEventListener("click", () => {
    const pressed = table.classList.toggle("differences");
    button.setAttribute("aria-pressed", String(pressed));
  });
  return button;
}
