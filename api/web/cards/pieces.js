import { el } from "../dom.js";
import { say, sayWhen } from "../i18n.js";

export const when = (at, className) => sayWhen(el("time", { class: className }), at);

// Rows of a <dl>: [key of the words, or {text}] and what stands for it; empty values are left out.
export function facts(...rows) {
  const filled = rows.filter(([, value]) => value);
  return el("dl", { class: "card-facts" }, ...filled.map(([key, value]) => el("div", {}, term(key), el("dd", {}, value))));
}

const term = (key) => (typeof key === "string" ? say(el("dt"), key) : el("dt", { text: key.text }));

// The first `shown` nodes in a list; a button lets the others out.
export function unfolding(nodes, shown, key, className) {
  const list = el("ol", { class: className }, ...nodes.slice(0, shown));
  const rest = nodes.slice(shown);
  if (!rest.length) return [list];
  const more = say(el("button", { type: "button", class: "link more" }), key, { n: rest.length });
  more.addEventListener("click", () => {
    list.append(...rest);
    more.remove();
    rest[0].tabIndex = -1;
    rest[0].focus({ preventScroll: true });
  });
  return [list, more];
}
