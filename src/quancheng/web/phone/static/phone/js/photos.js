// The strip of photos of a form: camera and album, what is refused and why, one's own removed again. What was taken lies
// on the device at once, with the draft, before anything else is typed.
import { build, fill, on, say, slot } from "./dom.js";
import { asItIs, NotTaken, prepare } from "./photo.js";
import { canRecord, record } from "./voice.js";
import { bytes, day, word } from "./words.js";

export class Photos {
  /** @param draft the act that is being written; @param note warns of a photo: (facts) => sentence or nothing;
   * @param part which part of the act they belong to, where it has several */
  constructor(app, draft, { note = () => "", hasVoice = false, part = "" } = {}) {
    Object.assign(this, { app, draft, note, part, node: build("photos") });
    this.place = null;
    this.queue = Promise.resolve();
    for (const input of this.node.querySelectorAll("input[type=file]")) {
      input.addEventListener("change", () => {
        const files = [...input.files];
        input.value = "";
        this.queue = this.queue.then(() => this.take(files, input.dataset.from === "camera"));
      });
    }
    const voice = this.node.querySelector("[data-act=voice]");
    voice.hidden = !(hasVoice && canRecord());
    on(this.node, "voice", () => this.speak(voice));
    this.draw();
  }

  async take(files, isFresh) {
    for (const file of files) {
      try {
        const taken = await prepare(file, {
          held: await this.app.store.countFiles(), free: await this.app.free(), isFresh, behindMs: this.app.behindMs ?? 0, place: this.place,
        });
        if (this.draft.files.some((each) => each.sha256 === taken.file.sha256)) throw new NotTaken("photoTwice", { name: file.name });
        await this.keep(taken);
      } catch (failure) {
        if (!(failure instanceof NotTaken)) throw failure;
        this.refuse(word(failure.key, failure.places));
      }
    }
  }

  async keep({ bytes: content, file, isOld }) {
    file.note = this.note(file) || (isOld ? word("photoOld", { day: day(file.taken_at) }) : "");
    if (this.part) file.part = this.part;
    this.draft.files.push(file);
    if (!(await this.app.save(this.draft, [{ id: file.id, bytes: content }]))) {
      this.draft.files.pop();
      this.refuse(word("storageFull"));
    }
    await this.draw();
  }

  refuse(text) {
    const line = document.createElement("p");
    line.className = "ph-wrong";
    line.setAttribute("role", "alert");
    line.textContent = text;
    slot(this.node, "refused").append(line);
  }

  async speak(button) {
    if (this.recording) return this.recording.stop();
    try {
      this.recording = await record();
      button.setAttribute("aria-pressed", "true");
      const { bytes: content, ending } = await this.recording.whole;
      await this.keep(await asItIs(content, `${word("voiceName")}.${ending}`));
    } catch {
      say(word("noMicrophone"), "warning");
    } finally {
      this.recording = null;
      button.setAttribute("aria-pressed", "false");
    }
    return undefined;
  }

  async draw() {
    const lines = await Promise.all(this.draft.files.filter((each) => !each.role && (each.part ?? "") === this.part).map(async (file) => {
      const node = fill(build("photo"), { name: file.name, size: bytes(file.size), note: file.note || null });
      const image = node.querySelector("img");
      if (/\.jpg$/.test(file.name)) {
        const content = await this.app.store.file(file.id);
        if (content) image.src = URL.createObjectURL(new Blob([content], { type: "image/jpeg" }));
        image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
      } else {
        image.remove();
      }
      on(node, "remove", async () => {
        this.draft.files = this.draft.files.filter((each) => each !== file);
        await this.app.save(this.draft);
        await this.app.store.removeFile(file.id);
        await this.draw();
      });
      return node;
    }));
    fill(this.node, { photos: lines });
  }
}
