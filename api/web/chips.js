import { el } from "./dom.js";

const LONGEST = 6;

export class Chips {
  constructor(root, onPick) {
    this.root = root.getElementById("chips");
    this.onPick = onPick;
  }

  show(items = []) {
    this.root.replaceChildren(...items.slice(0, LONGEST).map((text) => chip(text, this.onPick)));
    this.root.hidden = !items.length;
  }
}

export function chip(text, onPick, className = "chip") {
  const button = el("button", { type: "button", class: className, text });
  button.addEventListener("click", () => onPick(text));
  return button;
}
