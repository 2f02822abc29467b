// Bringing acts home. Knows no page and no network: store and transport are given, so that tests can cut either anywhere.
//
// An act is sent only when the server has confirmed the hash of each of its files; its files leave the device only with
// the server's answer to the act. What is urgent waits for no photo: it is told first without them, and once more with
// them; a photo that cannot be brought holds up nothing. Every request may be repeated: uploads go on at the offset that the server tells, acts
// carry an identifier under which the server acts once.
//
// transport: begin(file), part(id, offset, bytes), act(act, body): each answers {status, body}, and throws where there is
// no answer. In the body of an act {$file: id} stands for what the server calls that file, "$made_at" for when the act was
// made and "$sent_at" for now, both by the device's clock: the server holds the one against the other.
import { sha256 } from "./secret.js";

const PART_BYTES = 512 * 1024;
/** States of an act. Only these two are sent. */
export const OPEN = ["waiting", "sending"];
const MOST_ROUNDS = 3;

/** Why a run ended before its end: offline, signed_out, busy, hurry. */
class Stopped extends Error {
  constructor(why, wait = 0) {
    super(why);
    this.why = why;
    this.wait = wait;
  }
}

class Gone extends Error {}

class Refused extends Error {
  constructor(problem) {
    super(problem.code);
    this.problem = problem;
  }
}

function judged({ status, body }) {
  if (status >= 200 && status < 300) return body;
  if (status === 401) throw new Stopped("signed_out");
  // A proxy on the way says 407, 408, 425, 429 and 5xx: nothing that speaks against the act.
  if ([407, 408, 425, 429].includes(status) || status >= 500) throw new Stopped("busy", body?.facts?.retry_after_s ?? 0);
  if (body?.code === "upload_busy" || body?.code === "csrf") throw new Stopped("busy");
  throw new Refused({ status, code: body?.code ?? "refused", detail: body?.detail ?? "", fields: body?.fields ?? {}, stands: body?.facts?.stands ?? null });
}

/** The body as it is sent. Of an urgent act the files that the server has are named alone. */
export function filled(value, act, now) {
  if (value === "$made_at") return act.made_at;
  if (value === "$sent_at") return now.toISOString();
  if (Array.isArray(value)) return value.map((each) => filled(each, act, now)).filter((each) => (each ?? null) !== null || !act.urgent);
  if (value === null || typeof value !== "object") return value;
  if ("$file" in value) return act.files.find((file) => file.id === value.$file)?.file_id;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, act, now)]));
}

/** What is urgent and was not told yet first; acts that the device numbered in that order, whatever its clock said. */
export function inOrder(acts) {
  const numbered = acts.filter((act) => act.number).sort((one, other) => one.number - other.number);
  const rank = (act) => (act.urgent && !act.heard ? act.urgent : 0);
  return acts.map((act) => (act.number ? numbered.shift() : act)).sort((one, other) => rank(other) - rank(one));
}

export class Sync {
  /** @param report called with (act, share of 1) whenever something moved on. */
  constructor({ store, transport, clock = () => new Date(), partBytes = PART_BYTES, report = () => {} }) {
    Object.assign(this, { store, transport, clock, partBytes, report });
  }

  /** Send what waits, what is urgent first, then the oldest; answers {sent, stopped, wait}. Never throws for what the
   * network does. Ends after the part that it is at where hurry was set: something more urgent came. */
  async run() {
    let sent = 0;
    let held = null;
    const waiting = (await this.store.acts()).filter((act) => OPEN.includes(act.state));
    for (const act of inOrder(waiting)) {
      if (this.hurry) break;
      try {
        await this.send(act);
        if (act.state === "done") sent += 1;
      } catch (failure) {
        if (!(failure instanceof Stopped)) throw failure;
        // What makes one act wait (a busy server) need not hold up the next; no line and no session do.
        held = failure;
        if (failure.why !== "busy") break;
      }
    }
    return { sent, stopped: held?.why ?? null, wait: held?.wait ?? 0 };
  }

  /** What its person took back while it was being sent is left alone. */
  async note(act) {
    if (!(await this.store.note(act))) throw new Gone();
  }

  async send(act) {
    try {
      if (act.urgent && !act.heard && act.files.some((file) => !file.file_id)) await this.post(act, { isFirst: true });
      const whole = act.files.reduce((sum, file) => sum + file.size, 0) + 1;
      let before = 0;
      for (const file of act.files) {
        if (!file.file_id && !file.is_lost) await this.bring(act, file, (offset) => this.report(act, (before + offset) / whole));
        before += file.size;
      }
      await this.post(act);
    } catch (failure) {
      if (failure instanceof Gone) return;
      if (!(failure instanceof Refused)) throw failure;
      // It was told already; what is refused now are its photos.
      if (act.heard) return this.settle(act, act.result);
      act.problem = failure.problem;
      act.state = failure.problem.code === "changed_meanwhile" ? "conflict" : "refused";
      await this.store.note(act);
    }
    return this.report(act, 1);
  }

  async settle(act, result) {
    Object.assign(act, { state: "done", problem: null, done_at: this.clock().toISOString(), result });
    await this.store.settle(act);
  }

  /** Of what was told already a photo that is refused, or is gone, is left behind. */
  async bring(act, file, moved) {
    try {
      await this.upload(act, file, moved);
    } catch (failure) {
      if (!(failure instanceof Refused && act.heard)) throw failure;
      file.is_lost = true;
      await this.note(act);
    }
  }

  async asked(question) {
    try {
      return judged(await question());
    } catch (failure) {
      if (failure instanceof Stopped || failure instanceof Refused) throw failure;
      // A crash of ours is no lost line, and tests end the program with one.
      if (failure?.isEnd) throw failure;
      throw new Stopped("offline");
    }
  }

  async upload(act, file, moved) {
    const bytes = await this.store.file(file.id);
    if (!bytes || bytes.byteLength !== file.size || (await sha256(bytes)) !== file.sha256) {
      throw new Refused({ status: 0, code: "file_lost", detail: "", fields: {}, stands: null, name: file.name });
    }
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      try {
        let stands = await this.asked(() => this.transport.begin(file));
        while (!stands.file_id) {
          moved(stands.offset);
          const { offset } = stands;
          const part = bytes.subarray(offset, offset + this.partBytes);
          stands = await this.asked(() => this.transport.part(file.id, offset, part));
          // The server keeps how far it came: nothing is sent twice.
          if (this.hurry && !stands.file_id) throw new Stopped("hurry");
        }
        if (stands.sha256 !== file.sha256) throw new Refused({ status: 0, code: "hash_mismatch", detail: "", fields: {}, stands: null });
        file.file_id = stands.file_id;
        act.state = "sending";
        await this.note(act);
        moved(file.size);
        return;
      } catch (failure) {
        // Torn on the way, or forgotten by the server meanwhile: once more from its beginning.
        const again = failure instanceof Refused && (failure.problem.code === "hash_mismatch" || failure.problem.status === 404);
        if (!again) {
          if (failure instanceof Refused) failure.problem.name = file.name;
          throw failure;
        }
      }
    }
    throw new Stopped("busy");
  }

  async post(act, { isFirst = false } = {}) {
    for (let round = 0; ; round += 1) {
      if (act.state !== "sending" || !act.tried) {
        // From here on its body stands: the server may have it although we never hear so.
        Object.assign(act, { state: "sending", tried: true });
        await this.note(act);
      }
      try {
        const answer = await this.asked(() => this.transport.act(act, filled(act.body, act, this.clock())));
        const result = { id: answer?.id ?? null, code: answer?.code ?? "", kept: answer?.outcome && answer.outcome !== "COUNTED" ? answer.reason : "" };
        if (!isFirst) return await this.settle(act, result);
        Object.assign(act, { heard: true, result });
        return await this.note(act);
      } catch (failure) {
        // A file that the server let go because its act was too long on the way: it still lies here.
        if (!(failure instanceof Refused && failure.problem.status === 404 && act.files.length && round === 0 && !isFirst)) throw failure;
        for (const file of act.files) file.file_id = null;
        for (const file of act.files) await this.upload(act, file, () => {});
      }
    }
  }
}
