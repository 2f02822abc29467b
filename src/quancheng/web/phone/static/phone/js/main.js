// Starts the phone: the worker, the app, and the screen that the address names.
import { App } from "./app.js";
import * as check from "./check.js";
import { fill, on, say, slot } from "./dom.js";
import * as fix from "./fix.js";
import * as home from "./home.js";
import * as lists from "./lists.js";
import * as patrol from "./patrol.js";
import * as permitActs from "./permit_acts.js";
import * as permits from "./permits.js";
import * as queue from "./queue.js";
import * as going from "./going.js";
import * as report from "./report.js";
import { language, span, word } from "./words.js";

const SCREENS = { "": home.show, report: report.show, fix: fix.show, check: check.show, patrol: patrol.show, look: patrol.look, permits: permits.show, permit: permits.one, "permit-measures": permitActs.measures, "permit-gas": permitActs.gas, "permit-look": permitActs.guard, "permit-space": permitActs.space, "permit-site": permitActs.site, "permit-stop": permitActs.stop, "permit-stopped": permitActs.stopped, lists: lists.show, list: lists.walk, queue: queue.show, act: queue.one, ready: going.show };
const app = new App();
let leave = null;
let typing = false;

async function route() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/").map(decodeURIComponent);
  await leave?.();
  leave = null;
  typing = false;
  const show = SCREENS[name] ?? home.show;
  const main = document.getElementById("main");
  const screen = await show(app, ...rest);
  main.replaceChildren(screen.node);
  leave = screen.leave ?? null;
  for (const link of document.querySelectorAll(".ph-nav a")) {
    const isHere = link.getAttribute("href").replace(/^#\/?/, "") === name;
    if (isHere) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  window.scrollTo(0, 0);
  main.focus({ preventScroll: true });
}

async function bar() {
  const counts = await app.counts();
  const top = document.getElementById("bar");
  const isSafe = counts.isReadable && counts.open === 0 && app.others === 0;
  const safe = slot(top, "safe");
  safe.dataset.safe = isSafe ? "yes" : "no";
  fill(top, {
    line: word(app.line === "online" ? "lineOnline" : app.line === "offline" ? "lineOffline" : "lineSignedOut"),
    safe: isSafe ? word("safeToClose") : app.locked !== "none" && !counts.open ? word("nothingOpened") : word("stillOpen", { count: counts.open + app.others }),
  });
  top.dataset.line = app.line;
  for (const badge of document.querySelectorAll("[data-slot=queue-count]")) {
    badge.textContent = counts.open || "";
    badge.hidden = !counts.open;
  }
  const notes = document.getElementById("notes");
  fill(notes, {
    "signed-out": app.line === "signed_out" ? word(app.store ? "signedOutQueued" : "signedOut") : null,
    clock: app.isClockWrong ? word(app.behindMs > 0 ? "clockSlow" : "clockFast", { span: span(app.behindMs) }) : null,
    others: app.others ? word("othersHere", { count: app.others }) : null,
    locked: app.locked !== "none" && app.line === "offline" ? word("lockedOffline") : null,
  });
  slot(notes, "sign-in").hidden = app.line !== "signed_out";
}

/** A switch of how the phone looks, kept on the device: for the sun, or with large letters. */
function look(name) {
  const root = document.documentElement;
  const apply = (isOn) => {
    root.dataset[name] = isOn ? "yes" : "no";
    document.querySelectorAll(`[data-act=${name}]`).forEach((button) => button.setAttribute("aria-pressed", String(isOn)));
  };
  apply(document.cookie.split("; ").includes(`qc_${name}=yes`));
  on(document.body, name, () => {
    const isOn = root.dataset[name] !== "yes";
    document.cookie = `qc_${name}=${isOn ? "yes" : "no"}; path=/; max-age=31536000; samesite=lax`;
    apply(isOn);
  });
}

async function chooseLanguage(next) {
  document.cookie = `django_language=${next}; path=/; max-age=31536000; samesite=lax`;
  if ("caches" in window) await (await caches.open("qc-phone-settings")).put("/phone/language", new Response(next));
  await leave?.();
  location.reload();
}

/** The worker keeps the shell. A new version waits until it is tapped, and is not offered while somebody types. */
async function work() {
  if (!("serviceWorker" in navigator)) return;
  if ("caches" in window) await (await caches.open("qc-phone-settings")).put("/phone/language", new Response(language));
  const found = await navigator.serviceWorker.register("worker.js").catch(() => null);
  if (!found) return;
  const offer = () => {
    const waits = found.waiting && navigator.serviceWorker.controller;
    document.getElementById("update").hidden = !waits || typing;
  };
  found.addEventListener("updatefound", () => found.installing?.addEventListener("statechange", offer));
  document.addEventListener("input", () => {
    typing = true;
    offer();
  });
  window.addEventListener("hashchange", () => setTimeout(offer, 200));
  on(document.getElementById("update"), "update", async () => {
    navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
    await leave?.();
    found.waiting?.postMessage("skip");
  });
  offer();
}

look("outdoor");
look("letters");
on(document.body, "language", () => chooseLanguage(language === "en" ? "zh-hans" : "en"));
// Without a worker the queue still lives while this page is open.
await work().catch((failure) => console.warn(failure));
const reason = await app.begin().catch((failure) => {
  console.warn(failure);
  return "needDatabase";
});
if (reason) {
  fill(document.getElementById("notes"), { cannot: word(reason) });
  document.getElementById("main").replaceChildren((await going.show(app)).node);
} else {
  app.addEventListener("moved", bar);
  window.addEventListener("hashchange", route);
  app.addEventListener("another", () => {
    leave = null;
    location.hash = "#/";
    route();
  });
  window.addEventListener("pagehide", () => leave?.());
  await route();
  await bar();
  app.watch();
  await app.sync({ isFirst: true });
  if (!location.hash || location.hash === "#/") await route();
}
window.addEventListener("unhandledrejection", () => say(word("ourBug"), "error"));
document.documentElement.dataset.started = "yes";
