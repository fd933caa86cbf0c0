// List prices as steps: a price holds until the next one. The same numbers stand in words and in a table.
import { el, svg } from "../dom.js";
import { nameIt, say } from "../i18n.js";
import { money } from "../money.js";
import { when } from "./pieces.js";

const [WIDTH, HEIGHT, PAD] = [320, 96, 8];
const DAY_MS = 86_400_000;

export function priceHistoryCard({ title, points, days, lowest_fen: lowest }) {
  const node = nameIt(el("section", { class: "card price-card" }), "priceHistory", { days, title });
  node.append(say(el("h3", { class: "card-title" }), "priceHistory", { days, title }));
  if (points.length) node.append(figure(title, points, days, lowest));
  const row = el("p", { class: "price-row" });
  if (points.length) row.append(say(el("span"), "priceNow", { price: money(points.at(-1).price_fen) }));
  row.append(say(el("strong", { class: "lowest" }), "lowest", { days, price: money(lowest) }));
  node.append(row);
  if (points.length) node.append(table(points));
  return node;
}

function figure(title, points, days, lowest) {
  const prices = points.map((point) => point.price_fen);
  const told = { title, days, low: money(Math.min(...prices)), high: money(Math.max(...prices)), now: money(prices.at(-1)), lowest: money(lowest) };
  const until = lastDay(points, days);
  const drawing = nameIt(chart(points, until, lowest), "priceTold", told);
  const ends = el("figcaption", { class: "chart-ends", "aria-hidden": "true" }, when(points[0].on), when(until));
  return el("figure", { class: "chart" }, drawing, ends);
}

// Today, while the window of `days` days reaches so far: the last price holds on.
function lastDay(points, days) {
  const told = Date.parse(points.at(-1).on);
  const full = Math.min(Date.now(), Date.parse(points[0].on) + days * DAY_MS);
  return new Date(Math.max(told, full)).toISOString().slice(0, 10);
}

function chart(points, until, lowest) {
  const days = points.map((point) => Date.parse(point.on));
  const prices = points.map((point) => point.price_fen);
  const floor = Math.min(lowest, ...prices);
  const span = Math.max(...prices) - floor || 1;
  const x = (day) => PAD + ((day - days[0]) / (Date.parse(until) - days[0] || 1)) * (WIDTH - 2 * PAD);
  const y = (fen) => HEIGHT - PAD - ((fen - floor) / span) * (HEIGHT - 2 * PAD);
  const line = points.map((point, at) => `${at ? `H${x(days[at])}V` : `M${x(days[0])} `}${y(point.price_fen)}`).join("") + `H${WIDTH - PAD}`;
  const drawing = svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", class: "chart-drawing" });
  drawing.append(
    svg("path", { class: "chart-area", d: `${line}V${HEIGHT}H${PAD}Z` }),
    svg("path", { class: "chart-lowest", d: `M${PAD} ${y(lowest)}H${WIDTH - PAD}` }),
    svg("path", { class: "chart-line", d: line }),
    svg("circle", { class: "chart-now", cx: WIDTH - PAD, cy: y(prices.at(-1)), r: 3.5 }),
  );
  return drawing;
}

function table(points) {
  const rows = points.map(({ on, price_fen: fen }) => el("tr", {}, el("th", { scope: "row" }, when(on)), el("td", { text: money(fen) })));
  const head = el("tr", {}, say(el("th", { scope: "col" }), "day"), say(el("th", { scope: "col" }), "price"));
  return el(
    "details",
    { class: "price-table" },
    say(el("summary", { class: "link more" }), "pricesTable"),
    el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)),
  );
}
