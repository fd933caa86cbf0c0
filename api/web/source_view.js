import { el, icon } from "./dom.js";
import { CROSS } from "./icons.js";
import { nameIt, say } from "./i18n.js";
import { place } from "./place.js";

export function sourceView(citation, onClose) {
  const close = nameIt(el("button", { type: "button", class: "close" }, icon(CROSS)), "close");
  close.addEventListener("click", onClose);
  return el(
    "div",
    { class: "source-view" },
    el("div", { class: "grip", "aria-hidden": "true" }),
    el("div", { class: "source-top" }, say(el("p", { class: "source-kind" }), "sourceHeading"), close),
    el(
      "div",
      { class: "source-body" },
      el("h2", { id: "source-title", class: "source-title", text: citation.title }),
      el("dl", { class: "facts" }, ...facts(citation)),
      el("div", { class: "clause", "aria-live": "polite", "aria-busy": "true" }, skeleton()),
    ),
  );
}

export function showClause(view, source) {
  view.querySelector(".source-title").textContent = source.title;
  view.querySelector(".facts").replaceChildren(...facts(source));
  const clause = view.querySelector(".clause");
  clause.replaceChildren(el("p", { class: "clause-text", text: source.text }));
  clause.setAttribute("aria-busy", "false");
}

export function showFailure(view, onRetry) {
  const retry = say(el("button", { type: "button", class: "link" }), "retry");
  retry.addEventListener("click", onRetry);
  view.querySelector(".clause").replaceChildren(el("p", {}, say(el("span"), "sourceFailed"), " ", retry));
}

function facts(source) {
  const where = place(source);
  const version = source.version ? say(el("span"), "versionValue", { n: source.version }) : null;
  const from = source.effective_from ? el("time", { datetime: source.effective_from, text: source.effective_from }) : null;
  return [fact("place", where), fact("effectiveFrom", from), fact("version", version)].filter(Boolean);
}

const fact = (key, value) => value && el("div", {}, say(el("dt"), key), el("dd", {}, value));

function skeleton() {
  return el("div", { class: "skeleton" }, say(el("span", { class: "sr" }), "loading"), el("i"), el("i"), el("i"), el("i"));
}
