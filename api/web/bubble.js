// One message as it is shown; everything from outside enters as text.
import { cardNode } from "./cards/cards.js";
import { el } from "./dom.js";
import { say, nameIt } from "./i18n.js";
import { cited } from "./markers.js";
import { thumbs } from "./photos/thumbs.js";
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

export function messageNode(message, hands) {
  const { node, body } = bubble(message.author);
  fill(body, message, hands);
  addCards(node, message, hands);
  stamp(node, message);
  return node;
}

export function stamp(node, message) {
  node.dataset.id = message.id;
  node.dataset.position = message.position;
}

export function fill(body, message, hands) {
  const citations = message.author === "bot" ? (message.citations ?? []) : [];
  body.replaceChildren();
  if (message.attachments?.length) body.append(thumbs(message.attachments, hands));
  if (message.text) body.append(el("div", { class: "words" }, cited(message.text, citations, hands.open)));
  if (citations.length) body.append(sourceList(citations, hands.open));
}

export function addCards(node, message, hands) {
  const cards = (message.cards ?? []).map((card) => cardNode(card, hands)).filter(Boolean);
  if (cards.length) node.append(nameIt(el("div", { class: "cards", role: "group" }, ...cards), "cards"));
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
