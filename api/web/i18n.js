// Nodes remember the key of their words, so a switch of language rewrites them in place without rebuilding anything.
import { EN } from "./words/en.js";
import { ZH } from "./words/zh.js";
import { clock } from "./clock.js";
import { read, write } from "./storage.js";

const WORDS = { zh: ZH, en: EN };
const KEY = "livecrew.language";
const MARKED = "[data-i18n], [data-i18n-label], [data-i18n-placeholder], [data-i18n-at]";
let language = "zh";

// `asked`, where it is a language of ours, counts for more than what was chosen on an earlier visit.
export function startLanguage(asked) {
  language = [asked, read(KEY, "zh")].find((one) => WORDS[one]) ?? "zh";
}

export const currentLanguage = () => language;
export const knows = (key) => key in ZH;

export function t(key, values = {}) {
  const words = WORDS[language][key] ?? key;
  return words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function say(node, key, values) {
  node.dataset.i18n = key;
  remember(node, values);
  node.textContent = t(key, values);
  return node;
}

export function nameIt(node, key, values) {
  node.dataset.i18nLabel = key;
  remember(node, values);
  node.setAttribute("aria-label", t(key, values));
  return node;
}

// An instant or a date as the shop's calendar has it.
export function sayWhen(node, at) {
  node.dataset.i18nAt = at;
  node.setAttribute("datetime", at);
  node.textContent = clock(at, language);
  return node;
}

function remember(node, values) {
  if (values) node.dataset.i18nValues = JSON.stringify(values);
  else delete node.dataset.i18nValues;
}

export function translate(root) {
  root.getElementById("lc").lang = language === "zh" ? "zh-CN" : "en";
  for (const node of root.querySelectorAll(MARKED)) {
    const { i18n, i18nLabel, i18nPlaceholder, i18nAt, i18nValues } = node.dataset;
    const values = i18nValues ? JSON.parse(i18nValues) : undefined;
    if (i18n) node.textContent = t(i18n, values);
    if (i18nLabel) node.setAttribute("aria-label", t(i18nLabel, values));
    if (i18nPlaceholder) node.placeholder = t(i18nPlaceholder, values);
    if (i18nAt) node.textContent = clock(i18nAt, language);
  }
}

export function switchLanguage(root) {
  language = language === "zh" ? "en" : "zh";
  write(KEY, language);
  translate(root);
}
