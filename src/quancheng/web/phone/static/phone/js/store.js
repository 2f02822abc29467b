// What lies on the device: acts, their files and the pack of one person, sealed under his key. In clear stand only whose
// they are, how far an act is, when it was made and how large a file is: what counts, and nothing of what was written.
import { open, openJson, seal, sealJson } from "./secret.js";

const DATABASE = "qc-phone";

function asked(request) {
  return new Promise((good, bad) => {
    request.onsuccess = () => good(request.result);
    request.onerror = () => bad(request.error);
  });
}

function ended(change) {
  return new Promise((good, bad) => {
    change.oncomplete = () => good();
    change.onerror = () => bad(change.error);
    change.onabort = () => bad(change.error ?? new DOMException("aborted", "AbortError"));
  });
}

/** The database, made where it is not. */
export async function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => {
    const base = request.result;
    base.createObjectStore("meta", { keyPath: "name" });
    base.createObjectStore("packs", { keyPath: "user" });
    base.createObjectStore("acts", { keyPath: "id" }).createIndex("user", "user");
    const files = base.createObjectStore("files", { keyPath: "id" });
    files.createIndex("user", "user");
    files.createIndex("act", "act");
  };
  return asked(request);
}

/** Facts of the device that are nobody's: its own number, its clock. */
export async function meta(base, name, value) {
  if (value === undefined) return (await asked(base.transaction("meta").objectStore("meta").get(name)))?.value;
  const change = base.transaction("meta", "readwrite");
  change.objectStore("meta").put({ name, value });
  await ended(change);
  return value;
}

/** How much of each person waits here, without reading any of it. */
export async function waitingOf(base) {
  const all = await asked(base.transaction("acts").objectStore("acts").getAll());
  const found = new Map();
  for (const row of all) if (row.state !== "done") found.set(row.user, (found.get(row.user) ?? 0) + 1);
  return found;
}

/** One person's part of the device. */
export class Store {
  constructor(base, user, key) {
    Object.assign(this, { base, user, key });
  }

  bound(kind, id) {
    return `${this.user}/${kind}/${id}`;
  }

  async row(act) {
    const { id, state, made_at: madeAt } = act;
    return { id, user: this.user, state, made_at: madeAt, sealed: await sealJson(this.key, this.bound("act", id), act) };
  }

  /** Save an act, and files with it: all or nothing, on the disk before this returns. */
  async save(act, files = []) {
    const rows = [];
    for (const { id, bytes } of files) {
      rows.push({ id, act: act.id, user: this.user, size: bytes.byteLength, sealed: await seal(this.key, this.bound("file", id), bytes) });
    }
    const row = await this.row(act);
    const change = this.base.transaction(["acts", "files"], "readwrite", { durability: "strict" });
    const done = ended(change);
    change.objectStore("acts").put(row);
    for (const each of rows) change.objectStore("files").put(each);
    await done;
  }

  /** Note how far an act is that is being sent; false where its person took it back meanwhile: then nothing is written. */
  async note(act) {
    const row = await this.row(act);
    const change = this.base.transaction("acts", "readwrite", { durability: "strict" });
    const done = ended(change);
    const acts = change.objectStore("acts");
    let isThere = false;
    acts.getKey(act.id).onsuccess = (event) => {
      isThere = event.target.result !== undefined;
      if (isThere) acts.put(row);
    };
    await done;
    return isThere;
  }

  /** The act was taken by the server: what lay here of its files goes in the same step as that is noted. */
  async settle(act) {
    const row = await this.row(act);
    const change = this.base.transaction(["acts", "files"], "readwrite", { durability: "strict" });
    const done = ended(change);
    change.objectStore("acts").put(row);
    const keys = change.objectStore("files").index("act").getAllKeys(act.id);
    keys.onsuccess = () => keys.result.forEach((key) => change.objectStore("files").delete(key));
    await done;
  }

  async remove(id) {
    const change = this.base.transaction(["acts", "files"], "readwrite", { durability: "strict" });
    const done = ended(change);
    change.objectStore("acts").delete(id);
    const keys = change.objectStore("files").index("act").getAllKeys(id);
    keys.onsuccess = () => keys.result.forEach((key) => change.objectStore("files").delete(key));
    await done;
  }

  async removeFile(id) {
    const change = this.base.transaction("files", "readwrite");
    change.objectStore("files").delete(id);
    await ended(change);
  }

  async act(id) {
    const row = await asked(this.base.transaction("acts").objectStore("acts").get(id));
    return row && row.user === this.user ? openJson(this.key, this.bound("act", id), row.sealed) : null;
  }

  /** The acts of this person, the oldest first; of some states, or all. */
  async acts(states = null) {
    const all = await asked(this.base.transaction("acts").objectStore("acts").index("user").getAll(this.user));
    const rows = states ? all.filter((row) => states.includes(row.state)) : all;
    rows.sort((one, other) => (one.made_at < other.made_at ? -1 : one.made_at > other.made_at ? 1 : one.id < other.id ? -1 : 1));
    return Promise.all(rows.map((row) => openJson(this.key, this.bound("act", row.id), row.sealed)));
  }

  /** How far each act of this person is: what stands in clear, so nothing is opened for it. */
  async states() {
    const rows = await asked(this.base.transaction("acts").objectStore("acts").index("user").getAll(this.user));
    return rows.map((row) => row.state);
  }

  /** The bytes of a file; null where they are gone or cannot be read. */
  async file(id) {
    const row = await asked(this.base.transaction("files").objectStore("files").get(id));
    if (!row || row.user !== this.user) return null;
    try {
      return await open(this.key, this.bound("file", id), row.sealed);
    } catch {
      return null;
    }
  }

  async countFiles() {
    return asked(this.base.transaction("files").objectStore("files").index("user").count(this.user));
  }

  async savePack(pack) {
    const sealed = await sealJson(this.key, this.bound("pack", ""), pack);
    const change = this.base.transaction("packs", "readwrite");
    change.objectStore("packs").put({ user: this.user, sealed });
    await ended(change);
  }

  async pack() {
    const row = await asked(this.base.transaction("packs").objectStore("packs").get(this.user));
    return row ? openJson(this.key, this.bound("pack", ""), row.sealed) : null;
  }
}
