// The shopper's own message before the service confirmed it.
import { el } from "./dom.js";
import { bubble } from "./bubble.js";
import { say } from "./i18n.js";
import { thumbs } from "./photos/thumbs.js";

export function pendingNode(item, hands) {
  const { node, body } = bubble("shopper");
  if (item.attachments?.length) body.append(thumbs(item.attachments, hands));
  if (item.text) body.append(el("div", { class: "words", text: item.text }));
  node.dataset.key = item.key;
  node.classList.add("pending");
  node.append(el("p", { class: "delivery" }));
  return node;
}

const line = (node) => node.querySelector(".delivery");

export function markSending(node) {
  node.classList.remove("failed");
  line(node).replaceChildren(say(el("span"), "sending"));
}

export function markSent(node) {
  node.classList.remove("pending", "failed");
  line(node).remove();
}

export function markWaiting(node, seconds) {
  line(node).replaceChildren(say(el("span"), "waiting", { n: seconds }));
}

export function markFailed(node, { detail, offline, onRetry, onRemove }) {
  node.classList.toggle("failed", !offline);
  const words = detail ? say(el("span"), "refused", { detail }) : say(el("span"), offline ? "unsentOffline" : "unsent");
  const retry = offline ? [] : [action("retry", onRetry)];
  line(node).replaceChildren(words, ...retry, action("remove", onRemove));
}

function action(key, act) {
  const button = say(el("button", { type: "button", class: "link" }), key);
  button.addEventListener("click", act);
  return button;
}
