// A name written by finger (手写签名): drawn on a canvas, kept with the draft as a picture as soon as the finger lifts.
import { build, on, say, slot } from "./dom.js";
import { asItIs } from "./photo.js";
import { word } from "./words.js";

export const SIGNATURE = "signature";
const INK = "#111";
const WIDTH_PX = 3;
/** Less ink than this is a touch by mistake, no name. */
const LEAST_POINTS = 12;

/** The signature of an act: {$file} for its body, or null. */
export const signatureOf = (act) => {
  const file = act.files.find((each) => each.role === SIGNATURE);
  return file ? { $file: file.id } : null;
};

export class Signature {
  /** @param draft the act that is signed */
  constructor(app, draft) {
    Object.assign(this, { app, draft, node: build("sign"), points: 0, isDown: false });
    this.canvas = this.node.querySelector("canvas");
    this.queue = Promise.resolve();
    this.clear();
    this.canvas.addEventListener("pointerdown", (event) => this.down(event));
    this.canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) this.canvas.addEventListener(name, () => this.up());
    on(this.node, "sign-again", () => {
      this.clear();
      this.queue = this.queue.then(() => this.drop());
    });
    this.show();
  }

  clear() {
    const pen = this.canvas.getContext("2d");
    // White paper under it: a picture without one is black ink on black where the viewer is dark.
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, this.canvas.width, this.canvas.height);
    Object.assign(pen, { strokeStyle: INK, lineWidth: WIDTH_PX, lineCap: "round", lineJoin: "round" });
    this.points = 0;
  }

  at(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * this.canvas.width) / box.width, ((event.clientY - box.top) * this.canvas.height) / box.height];
  }

  down(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.isDown = true;
    const pen = this.canvas.getContext("2d");
    pen.beginPath();
    pen.moveTo(...this.at(event));
  }

  move(event) {
    if (!this.isDown) return;
    const pen = this.canvas.getContext("2d");
    pen.lineTo(...this.at(event));
    pen.stroke();
    this.points += 1;
  }

  up() {
    if (!this.isDown) return;
    this.isDown = false;
    if (this.points >= LEAST_POINTS) this.queue = this.queue.then(() => this.keep());
  }

  async keep() {
    const blob = await new Promise((good) => this.canvas.toBlob(good, "image/png"));
    const { bytes, file } = await asItIs(await blob.arrayBuffer(), `${word("signName")}.png`);
    const before = this.draft.files;
    const old = before.filter((each) => each.role === SIGNATURE);
    this.draft.files = [...before.filter((each) => each.role !== SIGNATURE), { ...file, role: SIGNATURE }];
    if (await this.app.save(this.draft, [{ id: file.id, bytes }])) {
      for (const each of old) await this.app.store.removeFile(each.id);
    } else {
      this.draft.files = before;
      say(word("storageFull"), "warning");
    }
    await this.show();
  }

  async drop() {
    const old = this.draft.files.filter((each) => each.role === SIGNATURE);
    if (!old.length) return;
    this.draft.files = this.draft.files.filter((each) => each.role !== SIGNATURE);
    await this.app.save(this.draft);
    for (const each of old) await this.app.store.removeFile(each.id);
    await this.show();
  }

  /** What is kept, as it was drawn: also after the page was left and opened again. */
  async show() {
    const file = this.draft.files.find((each) => each.role === SIGNATURE);
    slot(this.node, "signed").textContent = file ? word("signKept") : "";
    if (!file || this.points) return;
    const content = await this.app.store.file(file.id);
    if (!content) return;
    const picture = await createImageBitmap(new Blob([content], { type: "image/png" }));
    this.canvas.getContext("2d").drawImage(picture, 0, 0, this.canvas.width, this.canvas.height);
    picture.close();
  }
}
