// Says that the line is down only when it stays down: most reconnects are over before anyone would notice.
import { el } from "./dom.js";
import { say } from "./i18n.js";

const PATIENCE_MS = 1_500;

export class Connection {
  constructor(root) {
    this.root = root.getElementById("connection");
  }

  up() {
    clearTimeout(this.timer);
    this.timer = null;
    this.root.hidden = true;
    this.root.replaceChildren();
  }

  down() {
    this.timer ??= setTimeout(() => this.tell(navigator.onLine ? "reconnecting" : "offline"), PATIENCE_MS);
  }

  tell(key, action) {
    clearTimeout(this.timer);
    this.timer = null;
    this.root.replaceChildren(say(el("span"), key));
    if (action) {
      const button = say(el("button", { type: "button", class: "link" }), action.key);
      button.addEventListener("click", action.act);
      this.root.append(button);
    }
    this.root.hidden = false;
  }
}
