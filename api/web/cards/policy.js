import { el } from "../dom.js";
import { say } from "../i18n.js";
import { facts, when } from "./pieces.js";

const RESULTS = { yes: "policyYes", no: "policyNo", discretion: "policyDiscretion" };

// `deadline` is an instant, a date, or words of the shop; `clock` shows words as they are.
export function policyCard({ title, result, lines, deadline, clauses, as_of: asOf }) {
  const badge = say(el("span", { class: `badge result-${result}` }), RESULTS[result]);
  const grounds = clauses?.length && el("ul", { class: "grounds" }, ...clauses.map((text) => el("li", { text })));
  return el(
    "section",
    { class: "card policy-card", "aria-label": title },
    el("div", { class: "card-head" }, el("h3", { class: "card-title", text: title }), badge),
    el("ul", { class: "policy-lines" }, ...lines.map((text) => el("li", { text }))),
    facts(["deadline", deadline && el("strong", {}, when(deadline))], ["clauses", grounds], ["asOf", asOf && when(asOf)]),
  );
}
