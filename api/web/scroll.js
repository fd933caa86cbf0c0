// Keeps the newest message in view, unless the reader has scrolled up to read; then a button leads back.
const NEAR_PX = 90;

export class Scroll {
  constructor(root) {
    this.root = root.getElementById("scroll");
    this.button = root.getElementById("to-end");
    this.following = true;
    this.lastTop = 0;
    this.root.addEventListener("scroll", () => this.#look(), { passive: true });
    this.button.addEventListener("click", () => this.toEnd(true));
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.root.firstElementChild);
    new ResizeObserver(() => this.following && this.toEnd()).observe(this.root);
  }

  toEnd(smooth = false) {
    this.following = true;
    this.button.hidden = true;
    this.root.scrollTo({ top: this.root.scrollHeight, behavior: smooth ? "smooth" : "instant" });
  }

  // Only a movement upwards is the reader's wish; content that grew or a view that shrank moves nothing up.
  #look() {
    const { scrollTop, scrollHeight, clientHeight } = this.root;
    const near = scrollHeight - scrollTop - clientHeight < NEAR_PX;
    if (near) this.following = true;
    else if (scrollTop < this.lastTop) this.following = false;
    this.lastTop = scrollTop;
    this.button.hidden = this.following;
  }
}
