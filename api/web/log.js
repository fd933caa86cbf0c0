// The messages in their order; each id is shown once, whichever way it came.
import { bubble, messageNode, stamp } from "./bubble.js";
import { Draft } from "./draft.js";
import { say } from "./i18n.js";
import { pendingNode, markSent } from "./pending.js";

export class Log {
  // `hands` open what a message shows: {open(citation, opener), pictures, lightbox}.
  constructor(root, hands) {
    this.root = root.getElementById("log");
    this.hands = hands;
    this.clear();
  }

  clear() {
    this.root.replaceChildren();
    this.byId = new Map();
    this.pendings = new Map();
    this.draft = null;
  }

  get lastAuthor() {
    return this.root.lastElementChild?.dataset.author;
  }

  get empty() {
    return !this.root.childElementCount;
  }

  show(message) {
    if (this.byId.has(message.id)) return;
    const finished = message.author === "bot" && this.draft;
    if (finished) {
      this.draft.finish(message, this.hands);
      this.#place(this.draft.node, message);
      this.draft = null;
    } else {
      this.#place(messageNode(message, this.hands), message);
    }
  }

  sentence(data) {
    if (this.draft?.turnId !== data.turn_id) {
      this.draft?.node.remove();
      this.draft = new Draft(data.turn_id);
      this.root.append(this.draft.node);
    }
    this.draft.add(data);
  }

  pending(item) {
    const node = pendingNode(item, this.hands);
    this.pendings.set(item.key, node);
    this.root.append(node);
    return node;
  }

  // The pending bubble becomes the message; when the message is already shown, only one of the two stays.
  settle(key, message) {
    const node = this.pendings.get(key);
    if (!node) return false;
    this.pendings.delete(key);
    if (this.byId.has(message.id)) {
      node.remove();
      return true;
    }
    markSent(node);
    stamp(node, message);
    this.#place(node, message);
    return true;
  }

  removePending(key) {
    this.pendings.get(key)?.remove();
    this.pendings.delete(key);
  }

  // A line of the desk's own, after what was said so far; nothing keeps it.
  tell(key) {
    const last = [...this.root.children].findLast((node) => node.dataset.position);
    const { node, body } = bubble("system");
    node.dataset.position = Number(last?.dataset.position ?? 0) + 0.5;
    say(body, key);
    this.root.insertBefore(node, last?.nextElementSibling ?? null);
  }

  #place(node, message) {
    stamp(node, message);
    this.byId.set(message.id, node);
    const later = [...this.root.children].find(
      (other) => other !== node && (!other.dataset.position || Number(other.dataset.position) > message.position),
    );
    if (node.parentNode !== this.root || node.nextElementSibling !== (later ?? null)) {
      this.root.insertBefore(node, later ?? null);
    }
  }
}
