// The shopper's own messages from the composer to the log: sending, sent, waiting, failed.
import { Outbox } from "./outbox.js";
import { markFailed, markSending, markWaiting } from "./pending.js";

export class Delivery {
  constructor(desk, conversation, recover) {
    this.desk = desk;
    this.ownerChanges = 0;
    this.outbox = new Outbox(conversation, {
      onSending: (item) => this.#sending(item),
      onSent: (item, accepted) => this.#sent(item, accepted),
      onWaiting: (item, seconds) => markWaiting(desk.log.pendings.get(item.key), seconds),
      onFailed: (item, error) => this.#failed(item, error.passing ? null : error.message),
      recover,
    });
  }

  send(text, attachments) {
    this.desk.log.pending(this.outbox.add(text, attachments));
    this.flush();
  }

  resume() {
    for (const item of this.outbox.items) {
      this.desk.log.pending(item);
      this.#failed(item);
    }
    this.flush();
  }

  flush() {
    this.outbox.flush();
  }

  stop() {
    this.outbox.stop();
  }

  ownerChanged() {
    this.ownerChanges += 1;
  }

  // An event tells of a stored message: ours, if it is one we have tried to send.
  confirm(message) {
    if (this.desk.log.byId.has(message.id)) return;
    const item = this.outbox.settle(message);
    if (item) this.desk.log.settle(item.key, message);
  }

  #sending(item) {
    this.ownerAtSending = this.ownerChanges;
    markSending(this.desk.log.pendings.get(item.key));
    if (!this.desk.banner.active) this.desk.status.show("understanding");
  }

  #sent(item, accepted) {
    this.desk.log.settle(item.key, { id: accepted.message_id, position: accepted.position });
    if (this.ownerAtSending !== this.ownerChanges) return; // the events know better than this answer
    const { banner, status } = this.desk;
    if (accepted.owner === "bot" && banner.active) this.desk.returned();
    if (accepted.owner === "handoff" && !banner.active) this.desk.handed();
    if (!accepted.turn_id) status.clear();
  }

  #failed(item, detail) {
    const node = this.desk.log.pendings.get(item.key);
    if (!node) return;
    this.desk.status.clear();
    markFailed(node, {
      detail,
      offline: !navigator.onLine,
      onRetry: () => this.outbox.retry(item.key),
      onRemove: () => {
        this.outbox.drop(item.key);
        this.desk.log.removePending(item.key);
      },
    });
  }
}
