import { el, icon } from "../dom.js";
import { CROSS } from "../icons.js";
import { nameIt } from "../i18n.js";

// One picture large, over everything; Escape, the button and a press beside it close it.
export class Lightbox {
  constructor(shell, pictures) {
    Object.assign(this, { shell, pictures });
  }

  async show(id, n, opener) {
    const image = nameIt(el("img", { src: await this.pictures.url(id), alt: "" }), "pictureAlt", { n });
    const close = nameIt(el("button", { type: "button", class: "lightbox-close" }, icon(CROSS)), "close");
    const dialog = nameIt(el("dialog", { class: "lightbox" }, image, close), "pictureView");
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("click", ({ target }) => target !== image && dialog.close());
    dialog.addEventListener("keydown", (event) => event.key === "Escape" && event.stopPropagation());
    dialog.addEventListener("close", () => {
      dialog.remove();
      opener.focus({ preventScroll: true });
    });
    this.shell.append(dialog);
    dialog.showModal();
  }
}
