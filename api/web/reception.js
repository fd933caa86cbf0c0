// Opens or resumes the shopper's conversation, proves who they are, and sees to what ends or replaces it.
import { confirmLeaving } from "./confirm.js";
import { Desk } from "./desk.js";
import { frame } from "./frame.js";
import { switchLanguage, t, translate } from "./i18n.js";
import { establish } from "./opening.js";
import { partsOf } from "./parts.js";
import { showShop, showShopper } from "./shop_line.js";
import { Store } from "./store.js";
import { fitKeyboard } from "./viewport.js";

const LONGEST_WAIT_MS = 15_000;

export class Reception {
  constructor(element) {
    this.element = element;
    this.root = element.shadowRoot;
    this.store = new Store(element.shopId);
    this.panel = frame(element.widget ? "widget" : "page");
    this.panel.hidden = element.widget;
    element.shell.append(this.panel);
    translate(this.root);
    this.parts = partsOf(this);
    this.opening = 0;
    this.#bind();
    this.#showShop();
    if (this.store.conversation) this.open();
  }

  get shown() {
    return !this.panel.hidden;
  }

  show(draft) {
    this.panel.hidden = false;
    this.parts.unread.watch(true);
    if (!this.opening) this.open();
    if (draft) this.parts.composer.draft(draft);
    if (this.element.widget && !this.parts.composer.focus()) this.panel.focus({ preventScroll: true });
    this.parts.scroll.toEnd();
  }

  hide() {
    this.parts.sources.close();
    this.parts.unread.watch(false);
    this.panel.hidden = true;
  }

  send(text, attachments) {
    this.desk?.send(text, attachments);
  }

  // The whole opening again, under the new identity: nothing of the old one stays in flight.
  identify() {
    const { element } = this;
    const { identity } = element;
    if (identity && (this.opening || this.store.conversation)) return this.open();
    if (!identity && this.store.conversation?.shopper) this.startAgain();
    if (!identity) element.identified(null);
  }

  async open(waitMs = 600) {
    const mine = ++this.opening;
    this.desk?.stop();
    this.parts.composer.enable(false);
    try {
      const { seen, refusal } = await establish(this.store, this.element);
      if (mine === this.opening) this.#begin(seen, refusal);
    } catch (error) {
      if (mine !== this.opening) return;
      if (!error.passing) return this.#closedDoor(error);
      this.parts.connection.tell(navigator.onLine ? "cannotOpen" : "offline");
      this.#later(mine, Math.max(waitMs, (error.retryAfterS ?? 0) * 1000), Math.min(waitMs * 2, LONGEST_WAIT_MS));
    }
  }

  #later(mine, inMs, nextWaitMs) {
    const again = () => {
      removeEventListener("online", again);
      clearTimeout(timer);
      if (mine === this.opening) this.open(nextWaitMs);
    };
    const timer = setTimeout(again, inMs);
    addEventListener("online", again);
  }

  #closedDoor(error) {
    this.parts.connection.tell("noShop");
    this.element.identified(null, error);
  }

  #begin(seen, refusal) {
    const { composer, connection, scroll } = this.parts;
    const shopper = this.store.conversation.shopper;
    connection.up();
    this.#showShop();
    this.desk = new Desk(this.parts, this.store, {
      recover: (error) => this.#recover(error),
      changed: (state) => this.#changed(state),
    });
    this.desk.start(seen);
    scroll.toEnd();
    if (refusal) this.element.identity = null;
    this.element.identified(shopper, refusal);
    this.#changed({ owner: seen?.owner ?? "bot", shopper });
    if (seen?.state === "closed") return this.#end("closed");
    composer.enable(true);
    if (this.shown) composer.focus();
  }

  #changed(state) {
    if ("shopper" in state) showShopper(this.root, state.shopper);
    this.element.changed(state);
  }

  // Tells whether the request may be made again: with a token that was renewed meanwhile, maybe in another tab.
  #recover(error) {
    const kept = this.store.conversation;
    if (!kept) return false;
    if (error.token !== kept.token || this.store.adopt()) return true;
    this.#end("expired");
    return false;
  }

  #end(key) {
    this.desk?.stop();
    this.parts.composer.enable(false);
    this.parts.connection.tell(key, { key: "startAgain", act: () => this.startAgain() });
    if (key === "closed") this.parts.rating.ask();
    this.element.changed({ line: key });
  }

  startAgain() {
    this.desk?.stop();
    this.desk = null;
    this.store.clear();
    this.#reset();
  }

  #reset() {
    this.parts.connection.up();
    this.parts.tray.clear();
    this.parts.rating.clear();
    this.parts.log.clear();
    this.open();
  }

  #showShop() {
    const shop = this.store.conversation?.shop;
    showShop(this.root, shop);
    showShopper(this.root, this.store.conversation?.shopper);
    if (!this.element.widget && shop?.name) document.title = t("title", { shop: shop.name });
    if (!this.element.widget) document.documentElement.lang = this.element.shell.lang;
  }

  #bind() {
    const at = (id) => this.root.getElementById(id);
    at("new").addEventListener("click", async () => {
      if (this.parts.log.empty || (await confirmLeaving(this.element.shell))) this.startAgain();
    });
    at("language").addEventListener("click", () => {
      switchLanguage(this.root);
      this.#showShop();
    });
    this.element.theme.bind(at("theme"));
    at("close")?.addEventListener("click", () => this.element.close());
    this.panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
      event.stopPropagation();
      if (!this.parts.sources.close()) this.element.close();
    });
    // Signed out, or begun anew, in another tab: this one must not go on showing what is no longer theirs.
    addEventListener("storage", ({ key }) => {
      if (key !== this.store.key || !this.store.kept || this.store.adopt() || !this.store.replacedElsewhere) return;
      this.desk?.stop();
      this.store.reload();
      this.#reset();
    });
    if (this.element.widget) fitKeyboard(this.element.shell);
  }
}
