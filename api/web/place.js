import { el } from "./dom.js";
import { say } from "./i18n.js";

// A section path that already ends in its article is not followed by the article again.
const NAMES_ARTICLE = /第[一二三四五六七八九十百千零〇\d\s]+条/;

export function place({ section, article }, className) {
  const node = el("span", { class: className });
  const named = NAMES_ARTICLE.test(section ?? "");
  if (section) node.append(el("span", { text: section }));
  if (article && !named) {
    if (section) node.append(" · ");
    node.append(say(el("span"), "article", { n: article }));
  }
  return node.childNodes.length ? node : null;
}
