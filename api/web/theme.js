// Light or dark: what was asked for, else what was chosen here before, else what the device prefers.
import { nameIt } from "./i18n.js";
import { read, write } from "./storage.js";

const KEY = "livecrew.theme";
const DARK = matchMedia("(prefers-color-scheme: dark)");
const THEMES = ["light", "dark"];

export class Theme {
  constructor(node, asked) {
    this.node = node;
    this.chosen = [asked, read(KEY, null)].find((one) => THEMES.includes(one)) ?? null;
    DARK.addEventListener("change", () => this.show());
    this.show();
  }

  get current() {
    return this.chosen ?? (DARK.matches ? "dark" : "light");
  }

  // The switch names where it leads.
  bind(button) {
    this.button = button;
    button.addEventListener("click", () => this.choose(this.current === "dark" ? "light" : "dark"));
    this.show();
  }

  choose(theme) {
    this.chosen = theme;
    write(KEY, theme);
    this.show();
  }

  show() {
    this.node.dataset.theme = this.current;
    if (this.button) nameIt(this.button, this.current === "dark" ? "toLight" : "toDark");
  }
}
