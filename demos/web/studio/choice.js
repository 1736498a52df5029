/** Choices of the studio: a menu with its label, or a row of which one is taken. */

import { element } from "../page/dom.js";

let menus = 0;

/**
 * A menu below its label. The label stands beside it, not around it, or its name would be all that it offers.
 * @param {string} label
 * @param {HTMLSelectElement} select
 */
export function menu(label, select) {
  select.id = `studio-menu-${(menus += 1)}`;
  return element("div", { class: "studio-choice" }, element("label", { for: select.id }, label), select);
}

/**
 * A row of choices of which one is taken.
 * @param {string} name
 * @param {string} label
 * @param {string[][]} choices what each is called and, where it is another, the language that is in
 * @param {(at: number) => void} chosen
 */
export function row(name, label, choices, chosen) {
  const set = element("fieldset", { class: "studio-pills" }, element("legend", {}, label));
  choices.forEach(([text, lang], at) => {
    const radio = element("input", { type: "radio", name, value: at });
    radio.addEventListener("change", () => chosen(at));
    set.append(element("label", lang ? { lang } : {}, radio, element("span", {}, text)));
  });
  return set;
}
