import { el } from "../dom.js";
import { nameIt, say } from "../i18n.js";

export function thumbs(attachments, hands) {
  const row = el("div", { class: "thumbs" });
  attachments.forEach((attachment, index) => row.append(thumb(attachment, index + 1, hands)));
  return row;
}

function thumb({ attachment_id: id, width, height }, n, { pictures, lightbox }) {
  const image = nameIt(el("img", { width, height, alt: "", draggable: "false" }), "pictureAlt", { n });
  const button = nameIt(el("button", { type: "button", class: "thumb", disabled: true }, image), "enlarge", { n });
  button.addEventListener("click", () => lightbox.show(id, n, button));
  pictures.url(id).then(
    (url) => {
      image.src = url;
      button.disabled = false;
    },
    () => button.replaceChildren(say(el("span", { class: "thumb-missing" }), "pictureMissing")),
  );
  return button;
}
