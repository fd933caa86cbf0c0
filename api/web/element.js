// <livecrew-desk shop="shp_…" mode="page|widget">: a shadow root holds the launcher at once; the desk itself is loaded
// when it is first needed, so a shop's page pays for a few small files until somebody asks.
import { el } from "./dom.js";
import { startLanguage, translate } from "./i18n.js";
import { Launcher } from "./launcher.js";
import { read } from "./storage.js";
import { adopt } from "./styles.js";
import { Theme } from "./theme.js";

export class DeskElement extends HTMLElement {
  #wishes = { identity: undefined, draft: "" };

  connectedCallback() {
    if (this.shadowRoot) return;
    this.attachShadow({ mode: "open" });
    this.widget = this.getAttribute("mode") !== "page";
    startLanguage(this.getAttribute("lang"));
    this.shell = el("div", { id: "lc", class: this.widget ? "lc widget" : "lc page" });
    this.theme = new Theme(this.shell, this.getAttribute("theme"));
    this.ready = this.#dress();
  }

  get shopId() {
    return this.getAttribute("shop");
  }

  async open({ draft } = {}) {
    await this.ready;
    const reception = await this.#reception();
    if (this.launcher) this.launcher.hidden = true;
    reception.show(draft);
    this.#tell("state", { open: true });
  }

  close() {
    if (!this.widget || !this.reception?.shown) return;
    this.reception.hide();
    this.launcher.hidden = false;
    this.launcher.focus();
    this.#tell("state", { open: false });
  }

  // Resolves to {shopper} once the service has seen the token, at the latest when the desk is opened.
  identify(token) {
    this.identity = token || null;
    return new Promise((resolve, reject) => {
      this.#wishes.identity?.reject(new DOMException("another identity was given", "AbortError"));
      this.#wishes.identity = { resolve, reject };
      this.reception?.identify();
      if (!this.reception && !this.identity && !this.#kept?.shopper) this.identified(null);
      else if (!this.reception && this.#kept) this.#reception().catch(reject);
    });
  }

  identified(shopper, error) {
    const wish = this.#wishes.identity;
    this.#wishes.identity = undefined;
    if (error) wish?.reject(error);
    else wish?.resolve({ shopper });
  }

  changed(state) {
    this.#tell("state", state);
  }

  async #dress() {
    await adopt(this.shadowRoot, "base", "launcher");
    this.shadowRoot.append(this.shell);
    if (this.widget) {
      this.launcher = new Launcher(this.shell, () => this.open());
      if (this.#kept) this.#reception().catch(() => {}); // opening it tries again
    }
    translate(this.shadowRoot);
    if (!this.widget) await this.#reception().then((reception) => reception.show());
  }

  get #kept() {
    return read(`livecrew.conversation.${this.shopId}`, null);
  }

  // Loaded once; a load that failed is tried again by the next wish.
  #reception() {
    this.loading ??= this.#load().catch((error) => {
      this.loading = null;
      throw error;
    });
    return this.loading;
  }

  async #load() {
    const [{ Reception }] = await Promise.all([
      import("./reception.js"),
      adopt(this.shadowRoot, "panel", "messages", "sources", "cards", "pictures", "rating"),
    ]);
    this.reception = new Reception(this);
    return this.reception;
  }

  unread(count) {
    this.launcher?.unread(count);
    this.#tell("unread", { count });
  }

  #tell(kind, detail) {
    this.dispatchEvent(new CustomEvent(`livecrew-${kind}`, { detail }));
  }
}
