// Bringing acts home. Knows no page and no network: store and transport are given, so that tests can cut either anywhere.
//
// An act is sent only when the server has confirmed the hash of each of its files; its files leave the device only with
// the server's answer to the act. Every request may be repeated: uploads go on at the offset that the server tells, acts
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

/** Why a run ended before its end: offline, signed_out, busy. */
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

function filled(value, act, now) {
  if (value === "$made_at") return act.made_at;
  if (value === "$sent_at") return now.toISOString();
  if (Array.isArray(value)) return value.map((each) => filled(each, act, now));
  if (value === null || typeof value !== "object") return value;
  if ("$file" in value) return act.files.find((file) => file.id === value.$file)?.file_id;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, filled(each, act, now)]));
}

export class Sync {
  /** @param report called with (act, share of 1) whenever something moved on. */
  constructor({ store, transport, clock = () => new Date(), partBytes = PART_BYTES, report = () => {} }) {
    Object.assign(this, { store, transport, clock, partBytes, report });
  }

  /** Send what waits, what is urgent first, then the oldest; answers {sent, stopped, wait}. Never throws for what the
   * network does. Ends after the act that it is at where hurry was set: something more urgent came. */
  async run() {
    let sent = 0;
    let held = null;
    const waiting = (await this.store.acts()).filter((act) => OPEN.includes(act.state));
    for (const act of waiting.sort((one, other) => (other.urgent ?? 0) - (one.urgent ?? 0))) {
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
      const whole = act.files.reduce((sum, file) => sum + file.size, 0) + 1;
      let before = 0;
      for (const file of act.files) {
        if (!file.file_id) await this.upload(act, file, (offset) => this.report(act, (before + offset) / whole));
        before += file.size;
      }
      await this.post(act);
    } catch (failure) {
      if (failure instanceof Gone) return;
      if (!(failure instanceof Refused)) throw failure;
      act.problem = failure.problem;
      act.state = failure.problem.code === "changed_meanwhile" ? "conflict" : "refused";
      await this.store.note(act);
    }
    this.report(act, 1);
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

  async post(act) {
    for (let round = 0; ; round += 1) {
      if (act.state !== "sending" || !act.tried) {
        // From here on its body stands: the server may have it although we never hear so.
        Object.assign(act, { state: "sending", tried: true });
        await this.note(act);
      }
      try {
        const answer = await this.asked(() => this.transport.act(act, filled(act.body, act, this.clock())));
        Object.assign(act, { state: "done", problem: null, done_at: this.clock().toISOString(), result: { id: answer?.id ?? null, code: answer?.code ?? "", kept: answer?.outcome && answer.outcome !== "COUNTED" ? answer.reason : "" } });
        await this.store.settle(act);
        return;
      } catch (failure) {
        // A file that the server let go because its act was too long on the way: it still lies here.
        if (!(failure instanceof Refused && failure.problem.status === 404 && act.files.length && round === 0)) throw failure;
        for (const file of act.files) file.file_id = null;
        for (const file of act.files) await this.upload(act, file, () => {});
      }
    }
  }
}
