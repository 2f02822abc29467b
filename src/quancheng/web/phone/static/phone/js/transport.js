// The network: what sync.js asks for, over the REST operations that everybody uses. No answer within its time is none.
import { language } from "./words.js";

const API = "/api/v1";

async function asked(path, { wait = 30000, ...more } = {}) {
  const cut = new AbortController();
  const timer = setTimeout(() => cut.abort(), wait);
  try {
    const headers = { Accept: "application/json", "Accept-Language": language, ...more.headers };
    const answer = await fetch(API + path, { credentials: "same-origin", cache: "no-store", ...more, headers, signal: cut.signal });
    const text = answer.status === 304 || answer.status === 204 ? "" : await answer.text();
    // A page of somebody between (a portal of a hotel) is no answer of ours.
    const isOurs = /json/.test(answer.headers.get("Content-Type") ?? "") || !text;
    if (!isOurs) throw new TypeError("no answer of ours");
    return { status: answer.status, body: text ? JSON.parse(text) : null, tag: answer.headers.get("ETag") };
  } finally {
    clearTimeout(timer);
  }
}

export class Transport {
  csrf = "";

  /** Who is signed in, and how far this clock is behind the server's (ms; negative: ahead). */
  async session() {
    const before = Date.now();
    const answer = await asked("/phone/session", { wait: 6000 });
    if (answer.status === 200) {
      this.csrf = answer.body.csrf;
      answer.behindMs = Date.parse(answer.body.server_now) - (before + Date.now()) / 2;
    }
    return answer;
  }

  write(path, body, headers = {}) {
    const isForm = body instanceof FormData;
    const kind = isForm ? {} : { "Content-Type": "application/json" };
    return asked(path, {
      method: "POST", body: isForm ? body : JSON.stringify(body), headers: { ...kind, "X-CSRFToken": this.csrf, ...headers },
      wait: 120000,
    });
  }

  key(device) {
    return this.write("/phone/key", { device });
  }

  pack(tag) {
    return asked("/phone/pack", { headers: tag ? { "If-None-Match": tag } : {} });
  }

  begin({ id, name, size, sha256, taken_at, latitude, longitude }) {
    const facts = { name, size, sha256 };
    if (taken_at) facts.taken_at = taken_at;
    if (latitude !== null && latitude !== undefined) Object.assign(facts, { latitude, longitude });
    return this.write("/files/uploads", facts, { "Idempotency-Key": id });
  }

  part(id, offset, bytes) {
    const form = new FormData();
    form.append("offset", String(offset));
    form.append("part", new Blob([bytes]), "part");
    return this.write(`/files/uploads/${id}/parts`, form);
  }

  act({ id, path }, body) {
    return this.write(path, body, { "Idempotency-Key": id });
  }
}
