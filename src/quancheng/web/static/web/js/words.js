// Sentences of the islands; the page carries them translated.
const holder = document.getElementById("qc-words");

/** The sentence under a key, with its {places} filled in. */
export function word(key, places = {}) {
  const text = holder?.dataset[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}

/** A time of day as the page writes it: 14:05. */
export function clock(at = new Date()) {
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}
