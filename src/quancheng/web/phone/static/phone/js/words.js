// Sentences of the phone; the shell carries them translated.
const holder = document.getElementById("words");

/** The language of the shell: zh-hans or en. */
export const language = document.documentElement.dataset.lang;

/** The sentence under a key, with its {places} filled in. */
export function word(key, places = {}) {
  const text = holder?.dataset[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => places[name] ?? whole);
}

/** A field of the pack in the reader's language, where it has been translated. */
export const named = (row, name) => (language === "en" && row[`${name}_en`]) || row[name];

const two = (number) => String(number).padStart(2, "0");

/** A day as pages write it: 2026-11-23. */
export function day(at) {
  const when = new Date(at);
  return `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
}

/** Day and time: 2026-11-23 14:05. */
export function moment(at) {
  const when = new Date(at);
  return `${day(when)} ${two(when.getHours())}:${two(when.getMinutes())}`;
}

/** Bytes as people read them. */
export function bytes(number) {
  return number < 1048576 ? `${Math.max(1, Math.round(number / 1024))} KB` : `${(number / 1048576).toFixed(1)} MB`;
}

/** A span of time in words. */
export function span(ms) {
  const minutes = Math.round(Math.abs(ms) / 60000);
  if (minutes < 60) return word("minutes", { count: minutes });
  if (minutes < 2880) return word("hours", { count: Math.round(minutes / 60) });
  return word("days", { count: Math.round(minutes / 1440) });
}
