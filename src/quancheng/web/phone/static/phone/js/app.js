// The phone: who is here, what lies here, which screen. One object, handed to the screens.
import { say } from "./dom.js";
import { freeBytes } from "./photo.js";
import { askToStay, cannotKeep, WRONG_CLOCK_MS } from "./ready.js";
import { dropEnded } from "./permit_facts.js";
import { ifRoom, isFull } from "./room.js";
import { forget, kept, renew, take } from "./secret.js";
import { meta, openDatabase, Store, waitingOf } from "./store.js";
import { OPEN, Sync } from "./sync.js";
import { Transport } from "./transport.js";
import { word } from "./words.js";

const EACH_MS = 30000;
/** How old a pack may be before it is asked for by itself. */
const PACK_MS = 300000;
const DONE_DAYS = 7;
const LOCK = "qc-phone-sync";

export class App extends EventTarget {
  transport = new Transport();
  base = null;
  store = null;
  me = null;
  pack = null;
  packAt = null;
  packTag = "";
  behindMs = null;
  stays = null;
  /** online, offline, signed_out */
  line = "offline";
  /** none, or key: nobody is known here */
  locked = "key";
  others = 0;
  share = new Map();
  /** What a full device could not keep and was sent as it was, or not, by permit. */
  unkept = new Map();
  isBusy = false;
  /** Asked for while it was busy. */
  isWanted = false;
  sender = null;

  moved() {
    this.dispatchEvent(new Event("moved"));
  }

  /** Open what lies here; then ask who is signed in. Answers a reason where nothing can be kept. */
  async begin() {
    const reason = cannotKeep();
    if (reason) return reason;
    this.base = await openDatabase();
    this.base.onversionchange = () => this.base.close();
    this.behindMs = (await meta(this.base, "behind_ms")) ?? null;
    if (!(await meta(this.base, "device"))) await meta(this.base, "device", crypto.randomUUID());
    const known = await kept();
    if (known) await this.enter(known.user, known.key);
    await this.greet();
    this.stays = await askToStay();
    this.moved();
    return "";
  }

  async enter(user, key) {
    this.store = new Store(this.base, user, key);
    this.locked = "none";
    const known = await this.store.pack().catch(() => null);
    if (known) ({ me: this.me, parts: this.pack, at: this.packAt, tag: this.packTag } = known);
    if (this.pack && dropEnded(this)) await ifRoom(() => this.store.savePack({ me: this.me, parts: this.pack, at: this.packAt, tag: "" }));
    await this.tidy();
  }

  /** Ask the server who is signed in on this browser, and follow: his key, his pack; nobody else's is kept. */
  async greet() {
    let answer;
    try {
      answer = await this.transport.session();
    } catch {
      this.line = "offline";
      return this.moved();
    }
    if (answer.status === 401) {
      // What is open in this page stays open, so that nothing typed is lost; the device itself forgets.
      this.line = "signed_out";
      await forget();
    } else if (answer.status === 200) {
      this.line = "online";
      this.behindMs = answer.behindMs;
      await ifRoom(() => meta(this.base, "behind_ms", answer.behindMs));
      await this.become(answer.body);
    } else {
      this.line = "offline";
    }
    await this.countOthers();
    return this.moved();
  }

  async become(body) {
    const isAnother = this.store && this.store.user !== body.user_id;
    if (isAnother) Object.assign(this, { store: null, pack: null, packAt: null, packTag: "", me: null, locked: "key" });
    const known = this.store ? await kept() : null;
    if (known?.user === body.user_id) await ifRoom(() => renew(known));
    else {
      const told = await this.transport.key(await meta(this.base, "device"));
      if (told.status !== 200) return;
      const key = await take(body.user_id, told.body.key, told.body.kept_days);
      if (!this.store) await this.enter(body.user_id, key);
    }
    if (isAnother) this.dispatchEvent(new Event("another"));
    this.me = { name: body.name, organisation: body.organisation };
  }

  async countOthers() {
    const waiting = await waitingOf(this.base);
    this.others = [...waiting].reduce((sum, [user, count]) => sum + (user === this.store?.user ? 0 : count), 0);
  }

  async fetchPack(isAsked) {
    if (!this.store || this.line !== "online") return;
    if (!isAsked && this.pack && Date.now() - this.packAt < PACK_MS && Date.now() >= this.packAt) return;
    const answer = await this.transport.pack(this.pack ? this.packTag : "").catch(() => null);
    if (!answer || (answer.status !== 200 && answer.status !== 304)) return;
    if (answer.status === 200) Object.assign(this, { pack: answer.body.parts, packTag: answer.tag });
    this.packAt = Date.now();
    await ifRoom(() => this.store.savePack({ me: this.me, parts: this.pack, at: this.packAt, tag: this.packTag }));
    this.moved();
  }

  /** Send what waits. One tab does so at a time; the person's own tap says how it went. */
  async sync({ isAsked = false, isFirst = false } = {}) {
    if (this.isBusy && this.sender) this.sender.hurry = true;
    if (this.isBusy || !this.base) {
      this.isWanted = true;
      return;
    }
    this.isBusy = true;
    this.isWanted = false;
    try {
      await this.greet();
      if (this.line === "online" && this.store) {
        const sent = await this.alone(() => this.send());
        await this.fetchPack(isAsked || isFirst || sent > 0);
      }
      if (isAsked && this.line === "offline") say(word("noLine"), "warning");
      if (isAsked && this.line === "signed_out") say(word("signInFirst"), "warning");
    } catch (failure) {
      // How far it came could not be noted: what lies here stays as it was, and is sent again under its own number.
      if (!isFull(failure)) throw failure;
      if (isAsked) say(word("storageFullSending"), "warning");
    } finally {
      this.isBusy = false;
      this.moved();
    }
    // What was queued meanwhile does not wait for the next half minute.
    if (this.isWanted && this.base && this.line === "online") await this.sync();
  }

  async send() {
    const { store } = this;
    const report = (act, share) => {
      this.share.set(act.id, share);
      this.dispatchEvent(new Event("progress"));
    };
    this.sender = new Sync({ store, transport: this.transport, report });
    const found = await this.sender.run().finally(() => {
      this.sender = null;
    });
    if (found.stopped === "offline") this.line = "offline";
    if (found.stopped === "signed_out") {
      this.line = "signed_out";
      await forget();
    }
    if (found.sent) say(word("sentCount", { count: found.sent }), "success");
    return found.sent;
  }

  async alone(act) {
    if (!navigator.locks) return act();
    return navigator.locks.request(LOCK, { ifAvailable: true }, (lock) => (lock ? act() : undefined));
  }

  /** Acts that were taken stay to be read for a week. */
  async tidy() {
    const before = Date.now() - DONE_DAYS * 86400000;
    for (const act of await this.store.acts(["done"]).catch(() => [])) {
      if (Date.parse(act.done_at) < before) await this.store.remove(act.id);
    }
  }

  /** The running number of the next act on this device: it tells when a clock was turned back between two. */
  async nextNumber() {
    return meta(this.base, "number", ((await meta(this.base, "number")) ?? 0) + 1);
  }

  async acts() {
    return this.store ? this.store.acts() : [];
  }

  /** {open, done, files}: nothing may be open when the sign says that one may close. Asked for with every move. */
  async counts() {
    const states = this.store ? await this.store.states() : [];
    const count = (...wanted) => states.filter((each) => wanted.includes(each)).length;
    return {
      open: states.length - count("done"), done: count("done"), waiting: count(...OPEN), drafts: count("draft"),
      stuck: count("refused", "conflict"),
      files: this.store ? await this.store.countFiles() : 0,
      isReadable: Boolean(this.store),
    };
  }

  /** Save and say what is wrong where the device is full: nothing of what was saved before is touched. */
  async save(act, files = []) {
    try {
      await this.store.save(act, files);
      this.moved();
      return true;
    } catch (failure) {
      if (!isFull(failure)) throw failure;
      say(word("storageFull"), "error");
      return false;
    }
  }

  free() {
    return freeBytes();
  }

  get isClockWrong() {
    return this.behindMs !== null && Math.abs(this.behindMs) > WRONG_CLOCK_MS;
  }

  /** Try again by itself: when a line comes, when the page is looked at, and every half minute while something waits. */
  watch() {
    const again = () => this.sync();
    window.addEventListener("online", again);
    window.addEventListener("offline", () => {
      this.line = "offline";
      this.moved();
    });
    document.addEventListener("visibilitychange", () => document.hidden || again());
    setInterval(async () => {
      if (document.hidden) return;
      if (this.line !== "online" || (await this.counts()).waiting) again();
    }, EACH_MS);
  }
}
