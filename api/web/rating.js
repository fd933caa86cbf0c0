// How it went: a small question below an answer, the whole form when a person has left or the conversation has ended.
import { putRating } from "./api.js";
import { el } from "./dom.js";
import { nameIt, say } from "./i18n.js";

const SCORES = [1, 2, 3, 4, 5];
const LONGEST_COMMENT = 500;

export class RatingForm {
  constructor(root, store) {
    this.root = root.getElementById("rating");
    this.store = store;
    this.clear();
  }

  clear() {
    this.score = null;
    this.#hide();
  }

  // Once told, the shopper is not asked again for the same conversation.
  offer() {
    if (this.score !== null || this.asked) return;
    const answers = [true, false].map((solved) => {
      const button = say(el("button", { type: "button", class: "quiet-choice" }), solved ? "solved" : "unsolved");
      button.addEventListener("click", () => this.ask(solved, true));
      return button;
    });
    this.root.replaceChildren(el("p", { class: "rating-offer" }, say(el("span"), "wasItSolved"), ...answers));
    this.root.hidden = false;
  }

  ask(solved, focused = false) {
    if (this.score !== null) return;
    this.asked = true;
    const form = this.#form(solved);
    this.root.replaceChildren(form);
    this.root.hidden = false;
    if (focused) form.elements.score[0].focus();
  }

  // The talk goes on: the question waits for the next answer.
  later() {
    if (this.score === null) this.#hide();
  }

  done(score) {
    this.score = score;
    this.root.replaceChildren(say(el("p", { class: "rating-done", role: "status" }), "rated", { n: score }));
    this.root.hidden = false;
  }

  #hide() {
    this.asked = false;
    this.root.hidden = this.score === null;
    if (this.root.hidden) this.root.replaceChildren();
  }

  #form(solved) {
    const send = say(el("button", { class: "button main", disabled: true }), "sendRating");
    const later = say(el("button", { type: "button", class: "button" }), "notNow");
    const told = el("p", { class: "rating-told", role: "alert" });
    const comment = nameIt(el("textarea", { name: "comment", rows: "2", maxlength: LONGEST_COMMENT }), "comment");
    comment.dataset.i18nPlaceholder = "comment";
    comment.placeholder = comment.getAttribute("aria-label");
    const buttons = el("div", { class: "buttons" }, later, send);
    const title = say(el("h3", { id: "rating-title", class: "card-title" }), "rateTitle");
    const form = el("form", { class: "card rating-form", "aria-labelledby": "rating-title" }, title, scores(), wasSolved(solved), comment, told, buttons);
    form.addEventListener("change", () => (send.disabled = !form.elements.score.value));
    form.addEventListener("submit", (event) => this.#send(event, form, told));
    later.addEventListener("click", () => this.later());
    return form;
  }

  async #send(event, form, told) {
    event.preventDefault();
    const { score, solved, comment } = form.elements;
    const rating = { score: Number(score.value) };
    if (solved.value) rating.solved = solved.value === "yes";
    if (comment.value.trim()) rating.comment = comment.value.trim();
    form.inert = true;
    try {
      await putRating(this.store.conversation, rating);
      this.done(rating.score);
    } catch {
      form.inert = false;
      say(told, "ratingFailed");
    }
  }
}

function scores() {
  const stars = SCORES.map((n) => {
    const input = nameIt(el("input", { type: "radio", name: "score", value: n, required: true }), `score${n}`);
    return el("label", { class: "star" }, input, el("span", { "aria-hidden": "true", text: "★" }));
  });
  return el("fieldset", { class: "stars" }, say(el("legend", { class: "sr" }), "scoreLabel"), ...stars);
}

function wasSolved(solved) {
  const choices = [["yes", "solved", solved === true], ["no", "unsolved", solved === false]].map(([value, key, checked]) => {
    const input = el("input", { type: "radio", name: "solved", value, checked });
    return el("label", { class: "choice" }, input, say(el("span"), key));
  });
  return el("fieldset", { class: "solved" }, say(el("legend"), "wasItSolved"), ...choices);
}
