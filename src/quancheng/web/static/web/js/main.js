// Starts the islands. Every page works without them.
import * as keyboard from "./keyboard.js";
import * as device from "./device.js";
import * as draft from "./draft.js";
import * as lists from "./lists.js";
import * as live from "./live.js";
import * as menus from "./menus.js";
import * as theme from "./theme.js";
import * as toasts from "./toast.js";
import * as upload from "./upload.js";
import { word } from "./words.js";

for (const island of [theme, toasts, menus, keyboard, lists, device, draft, upload, live]) island.start();

// Charts and maps are large: their code comes only where there is one.
const needs = [["[data-chart]", "./chart.js"], ["[data-map]", "./map.js"]];
function fetchNeeded() {
  for (const need of needs) {
    if (need[1] && document.querySelector(need[0])) {
      const path = need[1];
      need[1] = "";
      import(path).then((island) => island.start());
    }
  }
}
fetchNeeded();
document.addEventListener("htmx:after:swap", fetchNeeded);

// Requests that htmx makes outside a form carry the token too.
document.addEventListener("htmx:config:request", (event) => {
  const { method, headers } = event.detail.ctx.request;
  if (/^(get|head)$/i.test(method)) return;
  const token = document.querySelector("input[name=csrfmiddlewaretoken]")?.value;
  if (token) headers["X-CSRFToken"] = token;
});

// No answer at all: say so; what was typed stays where it is.
document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) toasts.toast(word("failed"), "error");
});

// A part that carries errors or a form takes the focus, so that keyboard and screen reader follow.
document.addEventListener("htmx:after:swap", () => {
  const summary = document.querySelector("[data-focus]");
  const panel = document.querySelector("#qc-panel :is(textarea, select, input:not([type=hidden]))");
  (summary ?? panel)?.focus({ preventScroll: false });
});
document.querySelector("[data-focus]")?.focus();
