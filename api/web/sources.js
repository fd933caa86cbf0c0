// The clause behind a citation: beside the conversation on a wide page, else a sheet over it.
import { readSource } from "./api.js";
import { sourceView, showClause, showFailure } from "./source_view.js";

const WIDE = matchMedia("(min-width: 900px)");

export class Sources {
  constructor(root, store, { widget }) {
    this.store = store;
    this.widget = widget;
    this.root = root.getElementById("sources");
    this.scrim = root.getElementById("scrim");
    this.app = root.getElementById("app");
    this.clauses = new Map();
    this.scrim.addEventListener("click", () => this.close());
    WIDE.addEventListener("change", () => this.#fit());
  }

  forget() {
    this.clauses.clear();
    this.close();
  }

  open(citation, opener) {
    this.#mark(opener);
    this.opener = opener;
    this.root.replaceChildren(sourceView(citation, () => this.close()));
    this.root.hidden = false;
    this.app.parentNode.classList.add("with-source");
    this.#fit();
    this.root.querySelector(".close").focus({ preventScroll: true });
    this.#load(citation);
  }

  // Tells whether there was anything to close.
  close() {
    if (this.root.hidden) return false;
    this.root.hidden = true;
    this.app.parentNode.classList.remove("with-source");
    this.#mark(null);
    this.#fit();
    this.opener?.focus({ preventScroll: true });
    this.opener = null;
    return true;
  }

  async #load(citation) {
    const view = this.root.firstElementChild;
    try {
      const known = this.clauses.get(citation.chunk_id) ?? (await readSource(this.store.conversation, citation.chunk_id));
      this.clauses.set(citation.chunk_id, known);
      showClause(view, known);
    } catch {
      showFailure(view, () => this.#load(citation));
    }
  }

  #mark(opener) {
    this.app.querySelector(".cite[aria-expanded=true], .source[aria-expanded=true]")?.removeAttribute("aria-expanded");
    opener?.setAttribute("aria-expanded", "true");
  }

  #fit() {
    const sheet = !this.root.hidden && (this.widget || !WIDE.matches);
    this.app.inert = sheet;
    this.scrim.hidden = !sheet;
    this.root.setAttribute("role", sheet ? "dialog" : "complementary");
    if (sheet && !this.widget) this.root.setAttribute("aria-modal", "true");
    else this.root.removeAttribute("aria-modal");
  }
}
