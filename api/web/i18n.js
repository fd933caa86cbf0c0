// Nodes remember the key of their words, so a switch of language rewrites them in place without rebuilding the page.
import { STRINGS } from "./strings.js";
import { read, write } from "./storage.js";

const KEY = "livecrew.language";
const asked = new URLSearchParams(location.search).get("lang");
let language = STRINGS[asked] ? asked : read(KEY, "zh");
if (!STRINGS[language]) language = "zh";

export const currentLanguage = () => language;

export function t(key, values = {}) {
  const words = STRINGS[language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function say(node, key, values) {
  node.dataset.i18n = key;
  if (values) node.dataset.i18nValues = JSON.stringify(values);
  else delete node.dataset.i18nValues;
  node.textContent = t(key, values);
  return node;
}

export function nameIt(node, key, values) {
  node.dataset.i18nLabel = key;
  if (values) node.dataset.i18nValues = JSON.stringify(values);
  node.setAttribute("aria-label", t(key, values));
  return node;
}

export function translate(root = document) {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const node of root.querySelectorAll("[data-i18n], [data-i18n-label], [data-i18n-placeholder]")) {
    const { i18n, i18nLabel, i18nPlaceholder, i18nValues } = node.dataset;
    const values = i18nValues ? JSON.parse(i18nValues) : undefined;
    if (i18n) node.textContent = t(i18n, values);
    if (i18nLabel) node.setAttribute("aria-label", t(i18nLabel, values));
    if (i18nPlaceholder) node.placeholder = t(i18nPlaceholder, values);
  }
}

export function switchLanguage() {
  language = language === "zh" ? "en" : "zh";
  write(KEY, language);
  translate();
}
