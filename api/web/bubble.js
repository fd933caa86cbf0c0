// One message as it is shown; everything from outside enters as text.
import { el } from "./dom.js";
import { say, nameIt } from "./i18n.js";
import { cited } from "./markers.js";
import { place } from "./place.js";

const NAMES = { bot: "aiName", operator: "operatorName", shopper: "shopperName" };

export function bubble(author) {
  const body = el("div", { class: "bubble" });
  const node = el("article", { class: `entry ${author}`, "data-author": author });
  if (NAMES[author]) node.append(heading(author));
  node.append(body);
  return { node, body };
}

function heading(author) {
  const name = say(el("span", { class: author === "shopper" ? "sr" : "name" }), NAMES[author]);
  const row = el("p", { class: author === "shopper" ? "sr" : "who" }, name);
  if (author === "bot") row.append(say(el("span", { class: "ai" }), "aiMade"));
  return row;
}

export function messageNode(message, onOpen) {
  const { node, body } = bubble(message.author);
  fill(body, message, onOpen);
  stamp(node, message);
  return node;
}

export function stamp(node, message) {
  node.dataset.id = message.id;
  node.dataset.position = message.position;
}

export function fill(body, message, onOpen) {
  const citations = message.author === "bot" ? (message.citations ?? []) : [];
  body.replaceChildren(el("div", { class: "words" }, cited(message.text, citations, onOpen)), sourceList(citations, onOpen));
  if (!citations.length) body.lastChild.remove();
}

export function sourceList(citations, onOpen) {
  const list = nameIt(el("ul", { class: "sources" }), "sourcesLabel");
  for (const citation of citations) {
    const button = el(
      "button",
      { type: "button", class: "source", "data-chunk": citation.chunk_id },
      el("span", { class: "number", text: citation.number }),
      el("span", { class: "source-name", text: citation.title }),
      place(citation, "source-place"),
    );
    button.addEventListener("click", () => onOpen(citation, button));
    list.append(el("li", {}, button));
  }
  return list;
}
