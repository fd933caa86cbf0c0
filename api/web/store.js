// What a reload must find again: the conversation, its greeting, the last suggestions, the place in the queue.
import { forget, read, write } from "./storage.js";

export class Store {
  constructor(shopId) {
    this.key = `livecrew.conversation.${shopId}`;
    this.kept = read(this.key, null);
  }

  get conversation() {
    return this.kept;
  }

  open(opened) {
    this.kept = {
      id: opened.conversation_id,
      token: opened.token,
      shop: opened.shop,
      shopper: opened.shopper ?? null,
      greeting: opened.greeting,
      starters: opened.suggestions ?? [],
      chips: [],
      handoff: null,
      seen: 0,
    };
    write(this.key, this.kept);
  }

  // What is kept may be another tab's: its token is the newer one, and its conversation is not ours to overwrite.
  update(changes) {
    if (!this.kept) return;
    if (!changes.token) this.adopt();
    Object.assign(this.kept, changes);
    if (!this.replacedElsewhere) write(this.key, this.kept);
  }

  // Another tab may have had the token renewed. Tells whether there was anything newer for this conversation.
  adopt() {
    const { id, token } = read(this.key, null) ?? {};
    if (!this.kept || id !== this.kept.id || token === this.kept.token) return false;
    this.kept.token = token;
    return true;
  }

  get replacedElsewhere() {
    return (read(this.key, null)?.id ?? null) !== (this.kept?.id ?? null);
  }

  reload() {
    this.kept = read(this.key, null);
  }

  clear() {
    if (this.kept) forget(`livecrew.outbox.${this.kept.id}`);
    this.kept = null;
    forget(this.key);
  }
}
