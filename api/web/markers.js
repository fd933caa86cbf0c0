// Turns "… [1][2]" into text and small superscript buttons; a number no citation bears stays as it was written.
import { el } from "./dom.js";
import { nameIt } from "./i18n.js";

const MARKER = /\[(\d{1,2})\]/g;

export function cited(text, citations, onOpen) {
  const parts = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(MARKER)) {
    const citation = citations.find((one) => one.number === Number(match[1]));
    if (!citation) continue;
    parts.append(text.slice(from, match.index), markerButton(citation, onOpen));
    from = match.index + match[0].length;
  }
  parts.append(text.slice(from));
  return parts;
}

// Before the citations are known a marker is shown but opens nothing.
export function pending(text) {
  const parts = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(MARKER)) {
    parts.append(text.slice(from, match.index), el("sup", { class: "cite", text: match[1] }));
    from = match.index + match[0].length;
  }
  parts.append(text.slice(from));
  return parts;
}

function markerButton(citation, onOpen) {
  const button = el("button", { type: "button", class: "cite", text: citation.number, "data-chunk": citation.chunk_id });
  nameIt(button, "citation", { n: citation.number, title: citation.title });
  button.addEventListener("click", () => onOpen(citation, button));
  return el("sup", {}, button);
}
