// What this browser can and cannot do, told before the worker goes out.
import { freeBytes, MOST_PHOTOS } from "./photo.js";
import { bytes, span, word } from "./words.js";

const PHOTO_BYTES = 1.2 * 1048576;
export const WRONG_CLOCK_MS = 600000;

/** Without these nothing can be kept: the reason, or an empty text. */
export function cannotKeep() {
  if (!window.isSecureContext || !window.crypto?.subtle) return "needSecure";
  if (!window.indexedDB) return "needDatabase";
  return "";
}

function isInstalled() {
  return window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;
}

/** Ask that what lies here may stay; answers true, false, or null where the browser cannot say. */
export async function askToStay() {
  try {
    if (await navigator.storage.persisted()) return true;
    return await navigator.storage.persist();
  } catch {
    return null;
  }
}

const line = (isGood, label, told) => ({ isGood, label: word(label), told });

/** The checks, in the order of their weight: [{isGood, label, told}]; isGood null is only told. */
export async function checks({ stays, behindMs, packAt, hasWorker }) {
  const reason = cannotKeep();
  const free = reason ? null : await freeBytes();
  const needed = MOST_PHOTOS * PHOTO_BYTES;
  const camera = document.createElement("input");
  camera.type = "file";
  const age = packAt ? Date.now() - packAt : null;
  return [
    line(!reason, "readySecure", word(reason || "readyYes")),
    line(hasWorker, "readyWorker", word(hasWorker ? "readyYes" : "readyNoWorker")),
    line(age !== null && age < 86400000, "readyPack", age === null ? word("readyNoPack") : word("readyPackAge", { age: span(age) })),
    line(free === null ? null : free > needed, "readyQuota", free === null ? word("readyUnknown") : word(free > needed ? "readyQuotaGood" : "readyQuotaLittle", { free: bytes(free), needed: bytes(needed) })),
    line(stays, "readyStays", word(stays === null ? "readyUnknown" : stays ? "readyStaysYes" : "readyStaysNo")),
    line(isInstalled(), "readyInstalled", word(isInstalled() ? "readyYes" : "readyNotInstalled")),
    line(behindMs === null ? null : Math.abs(behindMs) < WRONG_CLOCK_MS, "readyClock", behindMs === null ? word("readyClockUnknown") : Math.abs(behindMs) < WRONG_CLOCK_MS ? word("readyClockGood") : word(behindMs > 0 ? "clockSlow" : "clockFast", { span: span(behindMs) })),
    line("capture" in camera ? true : null, "readyCamera", word("capture" in camera ? "readyYes" : "readyAlbumOnly")),
    line("geolocation" in navigator ? true : null, "readyPlace", word("geolocation" in navigator ? "readyYes" : "readyNo")),
    line(window.BarcodeDetector ? true : null, "readyScan", word(window.BarcodeDetector ? "readyYes" : "readyTyped")),
  ];
}
