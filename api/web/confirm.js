import { el } from "./dom.js";
import { say } from "./i18n.js";

// Resolves to whether the shopper agreed; Escape and a press beside the dialog are a no.
export function confirmLeaving(shell) {
  const yes = say(el("button", { value: "yes", class: "button main" }), "leaveYes");
  const no = say(el("button", { value: "no", class: "button" }), "leaveNo");
  const title = say(el("h2", { id: "leave-title" }), "leaveTitle");
  const form = el("form", { method: "dialog" }, title, say(el("p"), "leaveText"), el("div", { class: "buttons" }, no, yes));
  const dialog = el("dialog", { class: "confirm", "aria-labelledby": "leave-title" }, form);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close("no"));
  shell.append(dialog);
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
  });
}
