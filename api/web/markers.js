// Turns "… [1][2]" into text and small superscript buttons; a number no citation bears stays as it was written.
import { el } from "./dom.js";
import { nameIt } from "./i18n.js";

const MARKER = /\[(\d{1,2})\]/g;

export function cited(text, citations, onOpen) {
  return marked(text, (number) => {
    const citation = citations.find((one) => one.number === number);
    return citation && markerButton(citation, onOpen);
  });
}

// Before the citations are known a marker is shown but opens nothing.
export const pending = (text) => marked(text, (number) => el("sup", { class: "cite", text: number }));

function marked(text, draw) {
  const parts = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(MARKER)) {
    const marker = draw(Number(match[1]));
    if (!marker) continue;
    attach(parts, text.slice(from, match.index), marker);
    from = match.index + match[0].length;
  }
  parts.append(text.slice(from));
  return parts;
}

// A marker never starts a line: it is tied to the character before it, and markers in a row to one another.
function attach(parts, words, marker) {
  if (!words && parts.lastChild?.className === "tied") return parts.lastChild.append(marker);
  const last = [...words].at(-1) ?? "";
  parts.append(words.slice(0, words.length - last.length), el("span", { class: "tied" }, last, marker));
}

function markerButton(citation, onOpen) {
  const button = el("button", { type: "button", class: "cite", text: citation.number, "data-chunk": citation.chunk_id });
  nameIt(button, "citation", { n: citation.number, title: citation.title });
  button.addEventListener("click", () => onOpen(citation, button));
  return el("sup", {}, button);
}
