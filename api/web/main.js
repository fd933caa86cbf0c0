// Puts the page together and opens or resumes its conversation.
import { openConversation, readConversation } from "./api.js";
import { Chips } from "./chips.js";
import { Composer } from "./composer.js";
import { confirmLeaving } from "./confirm.js";
import { Connection } from "./connection.js";
import { Desk } from "./desk.js";
import { byId } from "./dom.js";
import { HandoffBanner } from "./handoff.js";
import { switchLanguage, t, translate } from "./i18n.js";
import { Log } from "./log.js";
import { Scroll } from "./scroll.js";
import { Sources } from "./sources.js";
import { Status } from "./status.js";
import { Store } from "./store.js";
import { Welcome } from "./welcome.js";

const LONGEST_WAIT_MS = 15_000;

const shopId = new URLSearchParams(location.search).get("shop") || "shp_demo";
const store = new Store(shopId);
const send = (text) => desk?.send(text);
const sources = new Sources();
const parts = {
  sources,
  log: new Log((citation, opener) => sources.open(citation, opener)),
  status: new Status(),
  chips: new Chips(send),
  welcome: new Welcome(send),
  banner: new HandoffBanner(),
  connection: new Connection(),
  scroll: new Scroll(),
};
const composer = new Composer(send);
let desk = null;
let opening = 0;

async function conversation() {
  if (store.conversation) {
    try {
      const seen = await readConversation(store.conversation);
      store.update({ shop: seen.shop });
      return seen;
    } catch (error) {
      if (!error.gone) throw error;
      store.clear();
    }
  }
  store.open(await openConversation(shopId));
  return null;
}

async function open(waitMs = 600) {
  const mine = ++opening;
  try {
    const seen = await conversation();
    if (mine === opening) begin(seen);
  } catch (error) {
    if (mine !== opening) return;
    if (!error.passing) return parts.connection.tell("noShop");
    parts.connection.tell("cannotOpen");
    const wait = Math.max(waitMs, (error.retryAfterS ?? 0) * 1000);
    setTimeout(() => mine === opening && open(Math.min(waitMs * 2, LONGEST_WAIT_MS)), wait);
  }
}

function begin(seen) {
  parts.connection.up();
  showShop();
  desk = new Desk(parts, store, () => end("expired"));
  desk.start(seen);
  parts.scroll.toEnd();
  if (seen?.state === "closed") return end("closed");
  composer.enable(true);
  composer.focus();
}

function end(key) {
  desk?.stop();
  composer.enable(false);
  parts.connection.tell(key, { key: "startAgain", act: startAgain });
}

function startAgain() {
  desk?.stop();
  desk = null;
  store.clear();
  parts.connection.up();
  open();
}

function showShop() {
  const name = store.conversation?.shop?.name ?? "";
  byId("shop-name").textContent = name;
  byId("shop-mark").textContent = [...name][0] ?? "";
  if (name) document.title = t("title", { shop: name });
}

byId("new").addEventListener("click", async () => {
  if (parts.log.empty || (await confirmLeaving())) startAgain();
});
byId("language").addEventListener("click", () => {
  switchLanguage();
  showShop();
});

translate();
showShop();
open();
