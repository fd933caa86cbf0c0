// Wires the page: one conversation a shop, kept across reloads.
import { openConversation, readConversation } from "./api.js";
import { createComposer } from "./composer.js";
import { chooseLanguage, language, t } from "./i18n.js";
import { createLog } from "./log.js";
import { createOutbox } from "./outbox.js";
import { el } from "./render.js";
import { createSources } from "./sources.js";
import { forget, loadConversation, saveConversation } from "./store.js";
import { follow } from "./stream.js";

const $ = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const shop = asked.get("shop") || "shp_demo";
let conversation = null;
let unfollow = () => {};

const sources = createSources();
const log = createLog($("log"), document.querySelector(".talk"), (item, button) => sources.open(conversation, item, button));
const outbox = createOutbox(shop, log, () => conversation);

function speak(wanted) {
  chooseLanguage(wanted);
  $("lang").textContent = t("lang");
  $("text").placeholder = t("placeholder");
}

function offer(items) {
  $("chips").replaceChildren(...items.map((item) => {
    const chip = el("button", "", item);
    chip.type = "button";
    chip.addEventListener("click", () => say(item));
    return chip;
  }));
}

function say(text) {
  offer([]);
  sources.close();
  outbox.send(text);
}

function banner(text) {
  $("banner").hidden = !text;
  $("banner").textContent = text;
}

function working(step) {
  $("status").hidden = !step;
  $("status").textContent = step ? t(step) : "";
}

const handlers = {
  message(message) {
    if (message.author !== "shopper") working("");
    if (message.author === "operator") banner(t("taken"));
    log.message(message);
  },
  status: ({ step }) => working(step),
  sentence(data) {
    working("");
    log.sentence(data);
  },
  suggestions: ({ items }) => offer(items),
  handoff: ({ position }) => banner(position > 1 ? t("ahead", { n: position - 1 }) : t("next")),
};

function listen(after) {
  unfollow();
  unfollow = follow(conversation, after, {
    onEvent: (kind, data) => handlers[kind]?.(data),
    onLink: (up) => ($("link").textContent = up ? "" : t("offline")),
    onGone: restart,
  });
}

async function begin() {
  const opened = await openConversation(shop);
  conversation = { id: opened.conversation_id, token: opened.token, shop: opened.shop, greeting: opened.greeting };
  saveConversation(shop, conversation);
  name(opened.shop);
  if (opened.greeting) log.greet(opened.greeting);
  offer(opened.suggestions);
  listen(0);
}

function name({ name: shopName }) {
  $("shop-name").textContent = shopName;
  document.title = shopName;
}

async function resume(saved) {
  conversation = saved;
  const state = await readConversation(saved);
  name(state.shop);
  if (saved.greeting) log.greet(saved.greeting);
  state.messages.forEach(log.message);
  if (state.owner === "handoff") banner(t("next"));
  listen(state.last_offset);
  outbox.flush();
}

async function restart() {
  unfollow();
  forget(shop);
  outbox.reset();
  log.clear();
  banner("");
  working("");
  sources.close();
  await start();
}

async function start() {
  for (let wait = 500; ; wait = Math.min(wait * 2, 10_000)) {
    const saved = loadConversation(shop);
    try {
      return await (saved ? resume(saved) : begin());
    } catch (error) {
      if (saved && (error.status === 401 || error.status === 404)) forget(shop);
      $("link").textContent = t("offline");
      await new Promise((done) => setTimeout(done, wait));
    }
  }
}

const dark = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
document.documentElement.dataset.theme = asked.get("theme") || dark;
speak(asked.get("lang") || "zh");
$("lang").addEventListener("click", () => speak(language() === "zh" ? "en" : "zh"));
$("new").addEventListener("click", restart);
createComposer({ form: $("composer"), box: $("text"), count: $("count"), send: $("send") }, say);
addEventListener("online", outbox.flush);
start();
