// The demo shop's page: products from the catalogue, and a switch of who is signed in. Everything it does with the desk
// goes through window.LiveCrew, as on any shop's page.
import { el } from "../dom.js";
import { drawing } from "./pictures.js";
import { shelf } from "./shelves.js";

const KEY = "livecrew.store.who";
const at = (id) => document.getElementById(id);

async function call(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${path}: HTTP ${answer.status}`);
  return answer.json();
}

const ready = () =>
  window.LiveCrew ? Promise.resolve() : new Promise((done) => document.addEventListener("livecrew:ready", done, { once: true }));

function tell(words) {
  at("told").textContent = words;
  at("told").hidden = !words;
}

// A shop's server gives its page such a token when somebody signs in; here anybody may be one of three.
async function signIn(shopperId) {
  tell("");
  localStorage.setItem(KEY, shopperId);
  try {
    const { identity_token: token } = shopperId ? await call("/demo/identity", { shopper_id: shopperId }) : {};
    await ready();
    await window.LiveCrew.identify(token ?? null);
  } catch (error) {
    if (error.name !== "AbortError") tell("没能登录，请稍后再试。");
  }
}

function show({ shelves, shoppers }) {
  for (const { shopper_id: id, name, tier } of shoppers) {
    at("who").append(el("option", { value: id, text: tier ? `${name} · ${tier}` : name }));
  }
  const ask = ({ title }) => window.LiveCrew.open({ draft: `${title}的规格是什么？` });
  shelves.forEach((one, index) => {
    at("shelves").append(shelf(one, index, ask));
    at("categories").append(el("a", { href: `#shelf-${index}`, text: one.category }));
  });
  const kept = localStorage.getItem(KEY) ?? "";
  at("who").value = shoppers.some((one) => one.shopper_id === kept) ? kept : "";
  signIn(at("who").value);
}

at("who").addEventListener("change", ({ target }) => signIn(target.value));
at("talk").addEventListener("click", () => window.LiveCrew.open());
at("opening-picture").append(...["帐篷", "灯", "椅", "杯"].map(drawing));
call("/demo/storefront").then(show, () => tell("商品暂时没有打开，请刷新页面。"));
