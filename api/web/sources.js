// The clause behind a citation: beside the conversation on a wide screen, a modal sheet over it on a phone.
import { readSource } from "./api.js";
import { byId } from "./dom.js";
import { sourceView, showClause, showFailure } from "./source_view.js";

const WIDE = matchMedia("(min-width: 900px)");

export class Sources {
  constructor() {
    this.root = byId("sources");
    this.scrim = byId("scrim");
    this.app = byId("app");
    this.clauses = new Map();
    this.scrim.addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => event.key === "Escape" && !this.root.hidden && this.close());
    WIDE.addEventListener("change", () => this.#fit());
  }

  follow(conversation) {
    this.conversation = conversation;
    this.clauses.clear();
    this.close();
  }

  open(citation, opener) {
    this.#mark(opener);
    this.opener = opener;
    this.root.replaceChildren(sourceView(citation, () => this.close()));
    this.root.hidden = false;
    document.body.classList.add("with-source");
    this.#fit();
    this.root.querySelector(".close").focus({ preventScroll: true });
    this.#load(citation);
  }

  close() {
    if (this.root.hidden) return;
    this.root.hidden = true;
    document.body.classList.remove("with-source");
    this.#mark(null);
    this.#fit();
    this.opener?.focus({ preventScroll: true });
    this.opener = null;
  }

  async #load(citation) {
    const view = this.root.firstElementChild;
    try {
      const known = this.clauses.get(citation.chunk_id) ?? (await readSource(this.conversation, citation.chunk_id));
      this.clauses.set(citation.chunk_id, known);
      showClause(view, known);
    } catch {
      showFailure(view, () => this.#load(citation));
    }
  }

  #mark(opener) {
    document.querySelector("[aria-expanded=true]")?.removeAttribute("aria-expanded");
    opener?.setAttribute("aria-expanded", "true");
  }

  #fit() {
    const modal = !this.root.hidden && !WIDE.matches;
    this.app.inert = modal;
    this.scrim.hidden = !modal;
    this.root.setAttribute("role", modal ? "dialog" : "complementary");
    if (modal) this.root.setAttribute("aria-modal", "true");
    else this.root.removeAttribute("aria-modal");
  }
}
