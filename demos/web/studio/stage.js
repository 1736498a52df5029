/** Who and what is on the stage of a panel: how they feel, what they do, and which thing it is. */

import { element } from "../page/dom.js";
import { t } from "../page/words.js";
import { menu } from "./choice.js";
import { called } from "./names.js";

/** @typedef {import("./book.js").Book} Book */
/** @typedef {import("./book.js").Kind} Kind */
/** @typedef {import("./book.js").Thing} Thing */
/** @typedef {import("./changes.js").Changes} Changes */

export class Stage {
  #book;
  #reader;
  #changed;
  #people = element("div", { class: "studio-people" });
  #things = element("div", { class: "studio-people" });
  #drawer = element("details", { class: "more" }, element("summary", {}, t("Things in this panel")), this.#things);
  root = element("fieldset", { class: "studio-stage" }, element("legend", {}, t("On the stage, in all three languages")), this.#people, this.#drawer);

  /**
   * @param {Book} book
   * @param {string} reader
   * @param {(kind: Kind, place: string, name: string) => void} changed
   */
  constructor(book, reader, changed) {
    this.#book = book;
    this.#reader = reader;
    this.#changed = changed;
  }

  /**
   * @param {Changes} changes
   * @param {number} panel from 1; 0 is the whole strip, whose stages are left alone
   */
  turn(changes, panel) {
    const things = panel ? this.#book.strips[changes.strip].panels[panel - 1].things : [];
    this.root.hidden = !things.length;
    const people = things.filter(({ name }) => name);
    this.#people.replaceChildren(...people.map((thing) => this.#person(changes, thing)));
    const props = things.filter(({ prop }) => prop);
    this.#things.replaceChildren(...props.map((thing) => this.#choice(changes, "prop", thing, t("In place of: %(thing)s", { thing: called("prop", thing.prop ?? "") }))));
    this.#drawer.hidden = !props.length;
  }

  /**
   * @param {Changes} changes
   * @param {Thing} thing
   */
  #person(changes, thing) {
    const name = this.#book.said(this.#reader, thing.name ?? "");
    const choices = element("div", { class: "studio-person", role: "group", "aria-label": name }, element("b", {}, name));
    if (thing.expression) choices.append(this.#choice(changes, "expression", thing, t("Face")));
    choices.append(this.#choice(changes, "pose", thing, t("Pose")));
    return choices;
  }

  /**
   * @param {Changes} changes
   * @param {Kind} kind
   * @param {Thing} thing
   * @param {string} label
   */
  #choice(changes, kind, { place }, label) {
    const names = this.#book.lists[kind].map((key) => /** @type {const} */ ([called(kind, key), key]));
    names.sort(([one], [other]) => one.localeCompare(other, this.#reader));
    const now = changes.acted(kind, place);
    const options = names.map(([name, key]) => element("option", { value: key, selected: key === now }, name));
    const select = element("select", { "data-place": `${kind}.${place}` }, ...options);
    select.addEventListener("change", () => this.#changed(kind, place, select.value));
    return menu(label, select);
  }
}
