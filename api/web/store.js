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
      greeting: opened.greeting,
      starters: opened.suggestions ?? [],
      chips: [],
      queue: null,
    };
    write(this.key, this.kept);
  }

  update(changes) {
    if (!this.kept) return;
    Object.assign(this.kept, changes);
    write(this.key, this.kept);
  }

  clear() {
    this.kept = null;
    forget(this.key);
  }
}
