/** What the poses, expressions and things of the comics are called; the renderer knows them by an English key. */

import { t } from "../page/words.js";

/** @type {Record<import("./book.js").Kind, Record<string, string>>} */
const NAMES = {
  pose: {
    accuse: t("points a finger"),
    aghast: t("hands on the cheeks"),
    belly: t("pats the belly"),
    block: t("lets nobody pass"),
    cheer: t("cheers"),
    compare: t("weighs two things"),
    hold: t("carries something"),
    offer: t("holds something out"),
    present: t("presents"),
    run: t("runs"),
    scream: t("screams"),
    serve: t("serves"),
    shrug: t("shrugs"),
    slump: t("lets the arms hang"),
    slurp: t("slurps"),
    sneak: t("sneaks"),
    stand: t("stands"),
    swing: t("swings something"),
    whisper: t("whispers"),
    wonder: t("wonders"),
    write: t("writes"),
  },
  expression: {
    content: t("content"),
    cross: t("cross"),
    curious: t("curious"),
    delighted: t("delighted"),
    happy: t("happy"),
    munching: t("munching"),
    proud: t("proud"),
    puzzled: t("puzzled"),
    sad: t("sad"),
    sheepish: t("sheepish"),
    shocked: t("shocked"),
    sly: t("sly"),
    starry: t("starry-eyed"),
    suspicious: t("suspicious"),
    tearful: t("in tears"),
  },
  prop: {
    antenna: t("antenna"),
    bowl: t("bowl"),
    candle: t("candle"),
    chopsticks: t("chopsticks"),
    crowd: t("crowd"),
    files: t("shelf of folders"),
    glass: t("magnifying glass"),
    gpu: t("graphics card"),
    jar: t("jar"),
    keys: t("bunch of keys"),
    ladle: t("ladle"),
    laptop: t("laptop"),
    noodles: t("noodles"),
    notebook: t("notebook"),
    packet: t("packet of noodles"),
    pan: t("pan of rabokki"),
    pencil: t("pencil"),
    phone: t("phone"),
    pile: t("pile of packets"),
    question: t("question mark"),
    receipt: t("till receipt"),
    scooter: t("scooter"),
    spark: t("spark"),
    stew: t("pot of budae-jjigae"),
    stove: t("pot on a stove"),
    tag: t("price tag"),
    topping: t("topping"),
    tower: t("mountain of toppings"),
  },
};

/**
 * @param {import("./book.js").Kind} kind
 * @param {string} key
 */
export function called(kind, key) {
  return NAMES[kind][key] ?? key;
}
