// The theme switch: device, light, dark, in turn; remembered in a cookie so that the server paints it at once.
import { word } from "./words.js";

const TURN = { auto: "light", light: "dark", dark: "auto" };
const NAMES = { auto: "themeAuto", light: "themeLight", dark: "themeDark" };

function name(button) {
  button.title = word(NAMES[document.documentElement.dataset.themeChoice]);
}

export function start() {
  document.querySelectorAll("[data-theme-switch]").forEach(name);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-switch]");
    if (!button) return;
    const next = TURN[document.documentElement.dataset.themeChoice];
    const age = next === "auto" ? 0 : 31536000;
    document.cookie = `qc_theme=${next}; path=/; max-age=${age}; samesite=lax`;
    document.dispatchEvent(new CustomEvent("qc:theme", { detail: next }));
    name(button);
  });
}
