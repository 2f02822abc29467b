// Reads aloud what stands on the screen, for whoever reads badly, wears goggles or has the sun on the glass. Only with a
// voice that the device itself has: what is sent away to be spoken stops without a network.
import { on, say } from "./dom.js";
import { language, word } from "./words.js";

const TONGUE = language === "en" ? "en" : "zh";

/** A voice of this language that lives on the device, or any of it; null where there is none. */
function voice() {
  const found = speechSynthesis.getVoices().filter((each) => each.lang.toLowerCase().startsWith(TONGUE));
  return found.find((each) => each.localService) ?? found[0] ?? null;
}

/** Make the buttons of a screen read: one line, or line by line. Answers how to fall silent. */
export function readAloud(root) {
  if (!("speechSynthesis" in window)) return () => undefined;
  const buttons = [...root.querySelectorAll("[data-act=aloud], [data-act=aloud-all]")];
  let turn = 0;
  const still = () => {
    turn += 1;
    speechSynthesis.cancel();
    for (const button of buttons) button.setAttribute("aria-pressed", "false");
    for (const line of root.querySelectorAll("[data-reading]")) delete line.dataset.reading;
  };
  const read = (button, lines) => {
    const wasOn = button.getAttribute("aria-pressed") === "true";
    still();
    if (wasOn) return;
    const chosen = voice();
    if (!chosen) {
      say(word("noVoice"), "warning");
      return;
    }
    const mine = turn;
    const left = [...lines];
    button.setAttribute("aria-pressed", "true");
    const next = () => {
      if (mine !== turn) return;
      for (const line of root.querySelectorAll("[data-reading]")) delete line.dataset.reading;
      const line = left.shift();
      if (!line) {
        still();
        return;
      }
      line.dataset.reading = "yes";
      if (button.dataset.act === "aloud-all") line.scrollIntoView({ block: "center" });
      const told = new SpeechSynthesisUtterance(line.querySelector("legend").textContent.trim());
      Object.assign(told, { voice: chosen, lang: chosen.lang, rate: 0.9, onend: next, onerror: () => mine === turn && still() });
      speechSynthesis.speak(told);
    };
    next();
  };
  for (const button of buttons) button.hidden = false;
  on(root, "aloud", (event) => read(event.currentTarget, [event.currentTarget.closest("li")]));
  on(root, "aloud-all", (event) => read(event.currentTarget, root.querySelectorAll("fieldset.ph-set")));
  // Voices are often known only after they were asked for once.
  speechSynthesis.getVoices();
  return still;
}
