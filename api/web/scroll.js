// Keeps the newest message in view, unless the reader has scrolled up to read; then a button leads back.
import { byId } from "./dom.js";

const NEAR_PX = 90;

export class Scroll {
  constructor() {
    this.root = byId("scroll");
    this.button = byId("to-end");
    this.following = true;
    this.root.addEventListener("scroll", () => this.#look(), { passive: true });
    this.button.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.root.firstElementChild);
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.root);
  }

  toEnd(smooth = false) {
    this.following = true;
    this.root.scrollTo({ top: this.root.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  #look() {
    const below = this.root.scrollHeight - this.root.scrollTop - this.root.clientHeight;
    this.following = below < NEAR_PX;
    this.button.hidden = this.following;
  }
}
