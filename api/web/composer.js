// Enter sends, Shift+Enter starts a line, and an Enter that only picks a candidate of the input method does neither.
import { say, t } from "./i18n.js";

export const LIMIT = 2000; // characters as the service counts them: code points, not UTF-16 units
const SHOW_FROM = 1;

export class Composer {
  constructor(root, tray, onSend) {
    this.tray = tray;
    this.onSend = onSend;
    this.form = root.getElementById("composer");
    this.field = root.getElementById("text");
    this.button = root.getElementById("send");
    this.count = root.getElementById("count");
    this.ready = false;
    this.form.addEventListener("submit", (event) => this.#submit(event));
    this.field.addEventListener("input", () => this.look());
    this.field.addEventListener("keydown", (event) => this.#key(event));
  }

  enable(ready) {
    this.ready = ready;
    this.look();
  }

  // Whether a person reads what is written here, or the AI.
  addresses(person) {
    this.field.dataset.i18nPlaceholder = person ? "personPlaceholder" : "placeholder";
    this.field.placeholder = t(this.field.dataset.i18nPlaceholder);
    say(this.form.nextElementSibling.firstElementChild, person ? "personPrint" : "smallPrint");
  }

  // A touch would bring up the keyboard unasked. Tells whether the field has the focus now.
  focus() {
    const wanted = matchMedia("(hover: hover)").matches;
    if (wanted) this.field.focus({ preventScroll: true });
    return wanted;
  }

  // Words to go on from; what the shopper has typed already stays.
  draft(text) {
    if (!this.field.value.trim()) this.field.value = text;
    this.look();
    this.field.setSelectionRange(this.field.value.length, this.field.value.length);
  }

  look() {
    const text = this.field.value.trim();
    const length = [...text].length;
    const over = length - LIMIT;
    const something = length || this.tray.ready.length;
    this.button.disabled = !this.ready || !something || over > 0 || this.tray.busy;
    this.field.setAttribute("aria-invalid", String(over > 0));
    this.form.classList.toggle("over", over > 0);
    this.count.classList.toggle("over", over > 0);
    if (over > 0) say(this.count, "tooLong", { over, limit: LIMIT });
    else if (length >= SHOW_FROM) say(this.count, "count", { n: length, limit: LIMIT });
    else {
      delete this.count.dataset.i18n;
      this.count.textContent = "";
    }
    this.field.style.setProperty("height", "auto");
    this.field.style.setProperty("height", `${this.field.scrollHeight}px`);
  }

  #key(event) {
    // keyCode 229: Safari ends the composition before the keydown that confirmed it
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    this.#submit(event);
  }

  #submit(event) {
    event.preventDefault();
    if (this.button.disabled) return;
    const text = this.field.value.trim();
    this.field.value = "";
    const attachments = this.tray.take();
    this.look();
    this.onSend(text, attachments);
    this.field.focus({ preventScroll: true });
  }
}
