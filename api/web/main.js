// The page `/`: the same desk as in the widget, over the whole window.
import { DeskElement } from "./element.js";

const asked = new URLSearchParams(location.search);
const desk = document.createElement("livecrew-desk");
desk.setAttribute("shop", asked.get("shop") || "shp_demo");
desk.setAttribute("mode", "page");
for (const name of ["lang", "theme"]) if (asked.get(name)) desk.setAttribute(name, asked.get(name));
customElements.define("livecrew-desk", DeskElement);
document.body.append(desk);
