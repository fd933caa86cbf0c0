// Pictures on their way, above the text field: preview, progress, another try, removal. They go up at once; the message
// that carries them waits until all have arrived.
import { uploadPicture } from "../api.js";
import { say } from "../i18n.js";
import { fault, MOST } from "./check.js";
import { TrayItem } from "./tray_item.js";

const RETRY_MS = [2_000, 6_000];

export class Tray {
  constructor(root, store, { pictures, onChange }) {
    Object.assign(this, { store, pictures, onChange });
    this.root = root.getElementById("tray");
    this.note = root.getElementById("tray-note");
    this.items = [];
    addEventListener("online", () => this.#again());
  }

  get ready() {
    return this.items.filter((item) => item.attachment);
  }

  // A picture that failed keeps the message back as well: the shopper sends it again or takes it out.
  get busy() {
    return this.ready.length < this.items.length;
  }

  add(files) {
    this.note.textContent = "";
    for (const file of files) {
      const wrong = this.items.length >= MOST ? "pictureMany" : fault(file);
      if (wrong) say(this.note, wrong, { name: file.name, n: MOST });
      else this.#start(file);
    }
    this.#changed();
  }

  // What the message takes along: attachments as the service described them.
  take() {
    const taken = this.ready.map((item) => item.attachment);
    for (const { attachment, file } of this.ready) this.pictures.keep(attachment.attachment_id, file);
    this.clear();
    return taken;
  }

  clear() {
    for (const item of [...this.items]) this.#remove(item);
    this.note.textContent = "";
  }

  #start(file) {
    const item = new TrayItem(file, { onRetry: () => this.#upload(item), onRemove: () => this.#remove(item) });
    this.items.push(item);
    this.root.append(item.node);
    this.#upload(item);
  }

  async #upload(item) {
    clearTimeout(item.timer);
    item.begin();
    this.#changed();
    const of = this.store.conversation;
    try {
      if (!of) throw Object.assign(new Error(), { passing: true });
      const attachment = await uploadPicture(of, item.file, (share) => item.progress(share), item.abort.signal);
      if (of.id === this.store.conversation?.id) item.arrived(attachment);
    } catch (error) {
      if (!this.items.includes(item)) return;
      item.failed(error.passing || error.gone ? null : error.message);
      const wait = error.retryAfterS ? error.retryAfterS * 1000 : RETRY_MS[item.tries - 1];
      if (error.passing && wait) item.timer = setTimeout(() => this.#upload(item), wait);
    }
    this.#changed();
  }

  #again() {
    for (const item of this.items) if (item.passing) this.#upload(item);
  }

  #remove(item) {
    clearTimeout(item.timer);
    item.remove();
    this.items = this.items.filter((one) => one !== item);
    this.#changed();
  }

  #changed() {
    this.root.hidden = !this.items.length;
    this.onChange();
  }
}
