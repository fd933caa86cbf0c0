// The round button at the edge of a shop's page, with the number of messages not yet read.
import { el, icon } from "./dom.js";
import { SPEECH } from "./icons.js";
import { nameIt, say } from "./i18n.js";

export class Launcher {
  constructor(root, onPress) {
    this.count = el("span", { id: "unread", class: "unread", "aria-hidden": "true", hidden: true });
    this.node = nameIt(el("button", { id: "launcher", class: "launcher", type: "button", "aria-haspopup": "dialog" }), "launcher");
    this.node.append(icon(SPEECH), say(el("span", { class: "launcher-words", "aria-hidden": "true" }), "launcherWords"), this.count);
    this.node.addEventListener("click", onPress);
    this.told = el("p", { id: "unread-told", class: "sr", role: "status" });
    root.append(this.node, this.told);
  }

  set hidden(hidden) {
    this.node.hidden = hidden;
  }

  focus() {
    this.node.focus({ preventScroll: true });
  }

  unread(n) {
    this.count.hidden = !n;
    this.count.textContent = n > 99 ? "99+" : String(n);
    if (n) nameIt(this.node, "launcherUnread", { n });
    else nameIt(this.node, "launcher");
    if (n) say(this.told, "unreadTold", { n });
    else this.told.textContent = "";
  }
}
