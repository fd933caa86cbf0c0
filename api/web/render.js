// Messages to elements. Every text goes in as text, never as markup.
import { t } from "./i18n.js";

export function el(name, className = "", text = "") {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text) node.textContent = text;
  return node;
}

function words(text, citations, onCite) {
  const known = new Map(citations.map((item) => [item.number, item]));
  return text.split(/(\[\d+\])/).map((piece) => {
    const item = known.get(Number(piece.slice(1, -1)));
    if (!/^\[\d+\]$/.test(piece) || !item) return document.createTextNode(piece);
    const button = el("button", "cite", String(item.number));
    button.type = "button";
    button.setAttribute("aria-label", `${t("openSource")} ${item.number}: ${item.title}`);
    button.addEventListener("click", () => onCite(item, button));
    return button;
  });
}

export const place = (item) => (item.article ? t("article", { n: item.article }) : item.section);

function sourceList(citations, onCite) {
  const list = el("ul", "sources");
  for (const item of citations) {
    const button = el("button");
    button.type = "button";
    button.append(el("b", "", String(item.number)), [item.title, place(item)].filter(Boolean).join(" · "));
    button.addEventListener("click", () => onCite(item, button));
    const row = el("li");
    row.append(button);
    list.append(row);
  }
  return list;
}

export function entry({ author, text, citations = [] }, onCite) {
  const node = el("li", `entry ${author}`);
  if (author !== "shopper") {
    const by = el("div", "by", t(author));
    if (author === "bot") by.append(el("span", "ai", t("aiLabel")));
    node.append(by);
  }
  const bubble = el("div", "bubble");
  bubble.append(...words(text, citations, onCite));
  if (citations.length) bubble.append(sourceList(citations, onCite));
  node.append(bubble);
  return node;
}
