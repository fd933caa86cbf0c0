// Messages not yet confirmed, sent one at a time and in order. They survive a reload in localStorage; a retry carries
// the same client_key, so the service stores a message once however often it is sent.
import { postMessage } from "./api.js";
import { read, write } from "./storage.js";

const RETRY_MS = [1_000, 3_000, 8_000];

const newKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

const ids = ({ attachments }) => (attachments ?? []).map((one) => one.attachment_id).join();
const same = (item, message) => item.text === message.text && ids(item) === ids(message);

export class Outbox {
  constructor(conversation, { onSending, onSent, onWaiting, onFailed, recover }) {
    Object.assign(this, { conversation, onSending, onSent, onWaiting, onFailed, recover });
    this.key = `livecrew.outbox.${conversation.id}`;
    this.items = read(this.key, []);
    this.busy = false;
    this.stopped = false;
  }

  add(text, attachments) {
    const item = { key: newKey(), text, attachments, tries: 0 };
    this.items.push(item);
    this.#keep();
    return item;
  }

  // The service's own event for a message can arrive before the answer to the request that sent it.
  settle(message) {
    const index = this.items.findIndex((item) => item.tries && same(item, message));
    if (index < 0) return null;
    const [item] = this.items.splice(index, 1);
    this.#keep();
    return item;
  }

  drop(key) {
    this.items = this.items.filter((item) => item.key !== key);
    this.#keep();
  }

  retry(key) {
    const item = this.items.find((one) => one.key === key);
    if (item) item.refused = false;
    this.flush();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  async flush() {
    clearTimeout(this.timer);
    if (this.busy || this.stopped) return;
    this.busy = true;
    try {
      for (let item; (item = this.items.find((one) => !one.refused)) && (await this.#send(item)); );
    } finally {
      this.busy = false;
    }
  }

  async #send(item) {
    item.tries += 1;
    this.#keep();
    this.onSending(item);
    try {
      const accepted = await postMessage(this.conversation, item);
      this.drop(item.key);
      if (!this.stopped) this.onSent(item, accepted);
      return !this.stopped;
    } catch (error) {
      return this.#failed(item, error);
    }
  }

  #failed(item, error) {
    if (this.stopped || !this.items.includes(item)) return !this.stopped; // settled by its event meanwhile
    if (error.gone) return this.recover(error);
    else if (error.passing) this.#later(item, error);
    else {
      item.refused = true;
      this.#keep();
      this.onFailed(item, error);
      return true;
    }
    return false;
  }

  #later(item, error) {
    const wait = error.retryAfterS ? error.retryAfterS * 1000 : RETRY_MS[item.tries - 1];
    if (error.retryAfterS) this.onWaiting(item, error.retryAfterS);
    else this.onFailed(item, error);
    if (wait) this.timer = setTimeout(() => this.flush(), wait);
  }

  #keep() {
    write(this.key, this.items);
  }
}
