import { el, icon } from "../dom.js";
import { CROSS } from "../icons.js";
import { nameIt, say } from "../i18n.js";

export class TrayItem {
  constructor(file, { onRetry, onRemove }) {
    this.file = file;
    this.tries = 0;
    this.url = URL.createObjectURL(file);
    this.bar = el("progress", { max: "1", value: "0", "aria-hidden": "true" });
    this.words = el("span", { class: "tray-words", role: "status" });
    this.retry = nameIt(el("button", { type: "button", class: "link", hidden: true }), "retryPicture", { name: file.name });
    this.retry.append(say(el("span"), "retry"));
    this.retry.addEventListener("click", onRetry);
    const remove = nameIt(el("button", { type: "button", class: "tray-remove" }, icon(CROSS)), "removePicture", { name: file.name });
    remove.addEventListener("click", onRemove);
    const preview = el("img", { src: this.url, alt: file.name });
    this.node = el("li", { class: "tray-item" }, preview, this.bar, el("span", { class: "tray-line" }, this.words, this.retry), remove);
  }

  begin() {
    this.tries += 1;
    this.passing = false;
    this.abort = new AbortController();
    this.node.classList.remove("failed");
    this.retry.hidden = true;
    this.bar.hidden = false;
    this.progress(0);
  }

  progress(share) {
    this.bar.value = share;
    say(this.words, "uploading", { n: Math.floor(share * 100) });
  }

  arrived(attachment) {
    this.attachment = attachment;
    this.bar.hidden = true;
    say(this.words, "uploaded");
  }

  // Without a `detail` the failure may pass.
  failed(detail) {
    this.passing = !detail;
    this.node.classList.add("failed");
    this.bar.hidden = true;
    this.retry.hidden = Boolean(detail);
    if (detail) say(this.words, "uploadRefused", { detail });
    else say(this.words, "uploadFailed");
  }

  remove() {
    this.abort?.abort();
    URL.revokeObjectURL(this.url);
    this.node.remove();
  }
}
