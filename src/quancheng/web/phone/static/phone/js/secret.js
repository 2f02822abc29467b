// The key of one person's notes. It comes from the server after signing in, is never written anywhere that could be read
// out (a CryptoKey that does not give its bytes), and is forgotten when somebody signs out or in: another database, so that
// the page of sign-in can delete it without knowing anything else.
import { ifRoom } from "./room.js";

const DATABASE = "qc-phone-key";
const STORE = "keys";

function opened() {
  return new Promise((good, bad) => {
    const asked = indexedDB.open(DATABASE, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "user" });
    asked.onsuccess = () => {
      asked.result.onversionchange = () => asked.result.close();
      good(asked.result);
    };
    asked.onerror = () => bad(asked.error);
  });
}

async function within(mode, act) {
  const base = await opened();
  try {
    return await new Promise((good, bad) => {
      const change = base.transaction(STORE, mode);
      const asked = act(change.objectStore(STORE));
      change.oncomplete = () => good(asked.result);
      change.onerror = () => bad(change.error);
      change.onabort = () => bad(change.error);
    });
  } finally {
    base.close();
  }
}

/** Take a key in: its 32 bytes as base64, for a person and so many days. Whoever was here before is forgotten. On a full
    device it lives as long as the page. */
export async function take(user, base64, days) {
  const raw = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
  raw.fill(0);
  await forget();
  await ifRoom(() => within("readwrite", (store) => store.put({ user, key, days, until: Date.now() + days * 86400000 })));
  return key;
}

/** The server said that this person is signed in: his key may stay as long again from now. */
export async function renew(found) {
  await within("readwrite", (store) => store.put({ ...found, until: Date.now() + found.days * 86400000 }));
}

/** Who was signed in last on this device and may still be known to it: {user, key}, or null. */
export async function kept() {
  const all = await within("readonly", (store) => store.getAll());
  const found = all.find((each) => each.until > Date.now());
  if (!found && all.length) await forget();
  return found ?? null;
}

export async function forget() {
  await within("readwrite", (store) => store.clear());
}

const plain = new TextEncoder();

/** Sealed bytes: twelve of the nonce, then the rest. Bound to what it is, so that pieces cannot change places. */
export async function seal(key, bound, bytes) {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: plain.encode(bound) }, key, bytes);
  const whole = new Uint8Array(12 + sealed.byteLength);
  whole.set(iv);
  whole.set(new Uint8Array(sealed), 12);
  return whole;
}

export async function open(key, bound, whole) {
  const facts = { name: "AES-GCM", iv: whole.subarray(0, 12), additionalData: plain.encode(bound) };
  return new Uint8Array(await crypto.subtle.decrypt(facts, key, whole.subarray(12)));
}

export async function sealJson(key, bound, value) {
  return seal(key, bound, plain.encode(JSON.stringify(value)));
}

export async function openJson(key, bound, whole) {
  return JSON.parse(new TextDecoder().decode(await open(key, bound, whole)));
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
