// The service worker of the phone: keeps the shell, nothing else. VERSION and FILES stand before this text.
// Only what has the hash that the list says is kept, so that two versions never mix.
const CACHE = `qc-phone-${VERSION}`;
const SETTINGS = "qc-phone-settings";
const SHELL = new URL("./", self.location).pathname;
const LANGUAGE = `${SHELL}language`;

async function keep(cache, path, wanted) {
  const answer = await fetch(path, { cache: "no-cache", credentials: "same-origin" });
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  const digest = await crypto.subtle.digest("SHA-256", await answer.clone().arrayBuffer());
  const found = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  if (found !== wanted) throw new Error(`${path}: another version is being served`);
  await cache.put(path, answer);
}

self.addEventListener("install", (event) => {
  event.waitUntil((async () => {
    const cache = await caches.open(CACHE);
    await Promise.all(Object.entries(FILES).map(([path, wanted]) => keep(cache, path, wanted)));
  })());
});

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    const names = await caches.keys();
    await Promise.all(names.filter((name) => name.startsWith("qc-phone-") && name !== CACHE && name !== SETTINGS)
      .map((name) => caches.delete(name)));
    await self.clients.claim();
  })());
});

// The person taps; nobody is reloaded while typing.
self.addEventListener("message", (event) => {
  if (event.data === "skip") self.skipWaiting();
});

async function shell(request) {
  const settings = await caches.open(SETTINGS);
  const chosen = await settings.match(LANGUAGE);
  const lang = chosen ? await chosen.text() : "zh-hans";
  const cache = await caches.open(CACHE);
  return (await cache.match(`${SHELL}?lang=${lang}`)) ?? (await cache.match(`${SHELL}?lang=zh-hans`)) ?? fetch(request);
}

async function file(request, path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const address = new URL(event.request.url);
  if (event.request.method !== "GET" || address.origin !== self.location.origin) return;
  if (event.request.mode === "navigate" && address.pathname === SHELL) event.respondWith(shell(event.request));
  else if (address.pathname in FILES) event.respondWith(file(event.request, address.pathname));
});
