// The furniture: every part of the desk finds its place here by id, inside the shadow root.
import { el, icon } from "./dom.js";
import { CROSS, DOWN, PICTURE, PLUS, SUN_MOON, UP } from "./icons.js";

const button = (id, kind, label, ...inside) =>
  el("button", { id, class: kind, type: "button", "data-i18n-label": label }, ...inside);

export function frame(mode) {
  const widget = mode === "widget";
  const named = widget ? { role: "dialog", "data-i18n-label": "panelName" } : {};
  return el(
    "section",
    { id: "panel", class: "panel", tabindex: "-1", ...named },
    el("div", { id: "app", class: "app" }, top(widget), banner(), reading(), dock()),
    el("div", { id: "scrim", class: "scrim", hidden: true }),
    el("aside", { id: "sources", class: "source-panel", "aria-labelledby": "source-title", tabindex: "-1", hidden: true }),
  );
}

function top(widget) {
  const name = el(
    "div",
    { class: "shop" },
    el(widget ? "h2" : "h1", { id: "shop-name", class: "shop-name" }),
    el("p", { class: "shop-line" }, el("span", { class: "dot", "aria-hidden": "true" }), el("span", { id: "tagline", "data-i18n": "tagline" }), el("span", { id: "shopper", class: "shopper-tag", hidden: true })),
  );
  return el(
    "header",
    { class: "top" },
    el(
      "div",
      { class: "top-in" },
      el("span", { id: "shop-mark", class: "shop-mark", "aria-hidden": "true" }),
      name,
      el("button", { id: "language", class: "quiet", type: "button", "data-i18n": "otherLanguage", "data-i18n-label": "otherLanguageLabel" }),
      button("theme", "quiet", "toDark", icon(SUN_MOON)),
      button("new", "quiet", "newConversation", icon(PLUS), el("span", { class: "wide", "data-i18n": "newConversation" })),
      widget && button("close", "quiet", "closePanel", icon(CROSS)),
    ),
  );
}

const banner = () => el("div", { id: "banner", class: "banner", role: "status", hidden: true });

function reading() {
  const log = { id: "log", class: "log", role: "log", "aria-live": "polite", "aria-relevant": "additions" };
  return el(
    "div",
    { id: "scroll", class: "scroll" },
    el(
      "div",
      { class: "column" },
      el("section", { id: "welcome", class: "welcome", hidden: true }),
      el("div", { ...log, "data-i18n-label": "logLabel", tabindex: "0" }),
      el("div", { id: "status", class: "status", role: "status" }),
      el("div", { id: "rating", class: "rating", hidden: true }),
      el("div", { id: "chips", class: "chips", role: "group", "data-i18n-label": "chipsLabel", hidden: true }),
    ),
  );
}

function dock() {
  const field = { id: "text", rows: "1", autocomplete: "off", enterkeyhint: "send", "aria-describedby": "count" };
  return el(
    "div",
    { class: "dock" },
    el("button", { id: "to-end", class: "to-end", type: "button", "data-i18n-label": "toEnd", hidden: true }, icon(DOWN)),
    el("div", { id: "connection", class: "connection", role: "status", hidden: true }),
    el(
      "form",
      { id: "composer", class: "composer" },
      el("ul", { id: "tray", class: "tray", "data-i18n-label": "tray", hidden: true }),
      el("p", { id: "tray-note", class: "tray-note", role: "status" }),
      el(
        "div",
        { class: "composer-row" },
        el("input", { id: "files", type: "file", accept: "image/jpeg,image/png,image/webp", multiple: true, tabindex: "-1", hidden: true }),
        button("add-picture", "add-picture", "addPicture", icon(PICTURE)),
        el("label", { class: "sr", for: "text", "data-i18n": "composerLabel" }),
        el("textarea", { ...field, "data-i18n-placeholder": "placeholder" }),
        el("button", { id: "send", class: "send", type: "submit", "data-i18n-label": "send", disabled: true }, icon(UP)),
      ),
    ),
    el("p", { class: "small-print" }, el("span", { "data-i18n": "smallPrint" }), el("span", { id: "count", class: "count" })),
    el("p", { id: "drop", class: "drop", "data-i18n": "dropHere", "aria-hidden": "true", hidden: true }),
  );
}
