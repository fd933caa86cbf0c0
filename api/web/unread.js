// How many messages of the desk came while the shopper was not looking; the newest one seen is kept across visits.
export class Unread {
  constructor(onCount) {
    this.onCount = onCount;
    this.watching = false;
    this.count = 0;
  }

  follow(store, messages) {
    this.store = store;
    this.newest = 0;
    this.#set(0);
    for (const message of messages) this.heard(message);
  }

  heard({ author, position }) {
    if (position <= this.newest) return;
    this.newest = position;
    if (this.watching) return this.#caughtUp();
    if (author !== "shopper" && position > (this.store.conversation?.seen ?? 0)) this.#set(this.count + 1);
  }

  watch(watching) {
    this.watching = watching;
    if (watching) this.#caughtUp();
  }

  #caughtUp() {
    if (this.newest) this.store.update({ seen: this.newest });
    this.#set(0);
  }

  #set(count) {
    if (count === this.count) return;
    this.count = count;
    this.onCount(count);
  }
}
