// The one entry of a shop's page:
//   <script type="module" src="https://desk.example/web/widget.js" data-shop="shp_…"></script>
// Optional: data-lang="zh|en", data-theme="light|dark". Afterwards window.LiveCrew is there; `livecrew:ready` says when.
import { DeskElement } from "./element.js";

const KINDS = ["unread", "state"];

function embed(script) {
  const desk = document.createElement("livecrew-desk");
  const { shop, lang, theme } = script.dataset;
  for (const [name, value] of Object.entries({ shop, lang, theme, mode: "widget" })) if (value) desk.setAttribute(name, value);
  document.body.append(desk);
  return desk;
}

function programme(desk) {
  return Object.freeze({
    open: (options) => desk.open(options),
    close: () => desk.close(),
    identify: (token) => desk.identify(token),
    // Returns what ends the listening. "unread" tells {count}; "state" tells what changed of {open, line, owner, shopper}.
    on(kind, act) {
      if (!KINDS.includes(kind)) throw new TypeError(`LiveCrew.on: ${kind} is none of ${KINDS.join(", ")}`);
      const heard = ({ detail }) => act(detail);
      desk.addEventListener(`livecrew-${kind}`, heard);
      return () => desk.removeEventListener(`livecrew-${kind}`, heard);
    },
  });
}

const script = [...document.scripts].find((one) => one.src === import.meta.url && one.dataset.shop);
if (!script) {
  console.error("LiveCrew: the script tag of widget.js needs data-shop.");
} else if (!window.LiveCrew) {
  customElements.define("livecrew-desk", DeskElement);
  window.LiveCrew = programme(embed(script));
  document.dispatchEvent(new CustomEvent("livecrew:ready"));
}
