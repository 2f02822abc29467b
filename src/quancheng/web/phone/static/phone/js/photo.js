// From what was photographed or chosen to what waits for sending: made small, its time and place kept, its hash counted.
import { read } from "./exif.js";
import { sha256 } from "./secret.js";

export const MOST_PHOTOS = 500;
const LONGEST_SIDE = 2560;
const LARGEST_BYTES = 30 * 1048576;
const QUALITY = 0.85;
/** A photo older than this was not taken on this occasion: it is said, and goes with the photo. */
const OLD_MS = 7 * 86400000;

/** Why a file is not taken: a key of the words, with what belongs into the sentence. */
export class NotTaken extends Error {
  constructor(key, places = {}) {
    super(key);
    this.key = key;
    this.places = places;
  }
}

const isHeic = (file) => /hei[cf]|avif/i.test(file.type) || /\.(hei[cf]|avif)$/i.test(file.name);

async function drawn(file) {
  let image;
  try {
    image = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new NotTaken(isHeic(file) ? "heicRefused" : "photoUnreadable", { name: file.name });
  }
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.width, image.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(image.width * scale));
  canvas.height = Math.max(1, Math.round(image.height * scale));
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  image.close();
  const blob = await new Promise((good) => canvas.toBlob(good, "image/jpeg", QUALITY));
  canvas.width = 0;
  if (!blob) throw new NotTaken("photoUnreadable", { name: file.name });
  return new Uint8Array(await blob.arrayBuffer());
}

/** The file of an act and its bytes.
 *
 * @param isFresh it comes from the camera just now: then the device's clock counts where the picture says nothing, and
 *   behindMs sets it right.
 * @throws NotTaken with the reason */
export async function prepare(file, { held, free, isFresh, behindMs = 0, place = null, now = Date.now() }) {
  if (held >= MOST_PHOTOS) throw new NotTaken("tooManyPhotos", { count: MOST_PHOTOS });
  if (file.size > LARGEST_BYTES) throw new NotTaken("photoLarge", { name: file.name, size: (file.size / 1048576).toFixed(0), most: LARGEST_BYTES / 1048576 });
  const facts = read(await file.slice(0, 262144).arrayBuffer());
  const bytes = await drawn(file);
  if (free !== null && bytes.byteLength * 1.5 > free) throw new NotTaken("storageFull");
  // A camera's picture bears the time of this very clock, which may be wrong; an album's may be of any.
  let at = facts.takenAt?.getTime() ?? (isFresh ? now : null);
  if (at !== null && isFresh) at += behindMs;
  const here = facts.latitude !== null ? facts : isFresh ? place : null;
  const stem = (file.name || "photo").replace(/\.[^.]*$/, "").slice(0, 80) || "photo";
  return {
    bytes,
    isOld: at !== null && at < now + behindMs - OLD_MS,
    file: {
      id: crypto.randomUUID(), name: `${stem}.jpg`, size: bytes.byteLength, sha256: await sha256(bytes), file_id: null,
      taken_at: at === null ? null : new Date(at).toISOString(),
      latitude: here?.latitude ?? null, longitude: here?.longitude ?? null,
    },
  };
}

/** A file that is sent as it is: a recording. */
export async function asItIs(bytes, name) {
  return { bytes, isOld: false, file: { id: crypto.randomUUID(), name, size: bytes.byteLength, sha256: await sha256(bytes), file_id: null, taken_at: null, latitude: null, longitude: null } };
}

/** Bytes that the browser says are free; null where it does not say. */
export async function freeBytes() {
  try {
    const { quota, usage } = await navigator.storage.estimate();
    return quota === undefined ? null : quota - (usage ?? 0);
  } catch {
    return null;
  }
}
