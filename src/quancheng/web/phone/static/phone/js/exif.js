// When and where a JPEG says it was taken. A canvas drops these facts, so they are read first and sent as fields.
const EXIF_IFD = 0x8769;
const GPS_IFD = 0x8825;
const TAKEN = 0x9003;
const OFFSET = 0x9011;
const SIZES = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };

/** Where the TIFF part of a JPEG begins; -1 where it has none. */
function tiffStart(view) {
  if (view.byteLength < 4 || view.getUint16(0) !== 0xffd8) return -1;
  let at = 2;
  while (at + 10 < view.byteLength && view.getUint8(at) === 0xff) {
    const mark = view.getUint8(at + 1);
    if (mark === 0xda) break;
    if (mark === 0xe1 && view.getUint32(at + 4) === 0x45786966) return at + 10;
    at += 2 + view.getUint16(at + 2);
  }
  return -1;
}

function readIfd(view, start, at, little) {
  const found = new Map();
  if (at + 2 > view.byteLength) return found;
  const count = view.getUint16(at, little);
  for (let place = 0; place < count && at + 14 + place * 12 <= view.byteLength; place += 1) {
    const entry = at + 2 + place * 12;
    const type = view.getUint16(entry + 2, little);
    const length = view.getUint32(entry + 4, little);
    const bytes = (SIZES[type] ?? 0) * length;
    const value = bytes > 4 ? start + view.getUint32(entry + 8, little) : entry + 8;
    if (bytes && value + bytes <= view.byteLength) found.set(view.getUint16(entry, little), { type, length, value });
  }
  return found;
}

function text(view, field) {
  if (!field) return "";
  let found = "";
  for (let place = 0; place < field.length; place += 1) found += String.fromCharCode(view.getUint8(field.value + place));
  return found.replace(/\0.*$/s, "").trim();
}

function degrees(view, field, side, little) {
  if (!field || field.length < 3) return null;
  const parts = [0, 1, 2].map((place) => {
    const over = view.getUint32(field.value + place * 8, little);
    const under = view.getUint32(field.value + place * 8 + 4, little);
    return under ? over / under : NaN;
  });
  const found = parts[0] + parts[1] / 60 + parts[2] / 3600;
  return Number.isFinite(found) ? Number(((/[SW]/i.test(side) ? -1 : 1) * found).toFixed(6)) : null;
}

/** {takenAt: Date|null, latitude, longitude: degrees or null}; a camera that names no zone runs on the district's time. */
export function read(buffer) {
  const nothing = { takenAt: null, latitude: null, longitude: null };
  try {
    const view = new DataView(buffer);
    const start = tiffStart(view);
    if (start < 0) return nothing;
    const little = view.getUint16(start) === 0x4949;
    const first = readIfd(view, start, start + view.getUint32(start + 4, little), little);
    const sub = (tag) => (first.has(tag) ? readIfd(view, start, start + view.getUint32(first.get(tag).value, little), little) : new Map());
    const exif = sub(EXIF_IFD);
    const gps = sub(GPS_IFD);
    const parts = text(view, exif.get(TAKEN)).match(/^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)$/);
    const zone = text(view, exif.get(OFFSET)).match(/^[+-]\d\d:\d\d$/)?.[0] ?? "+08:00";
    const at = parts ? new Date(`${parts[1]}-${parts[2]}-${parts[3]}T${parts[4]}:${parts[5]}:${parts[6]}${zone}`) : null;
    const latitude = degrees(view, gps.get(2), text(view, gps.get(1)), little);
    const longitude = degrees(view, gps.get(4), text(view, gps.get(3)), little);
    const isPlace = latitude !== null && longitude !== null && Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && (latitude || longitude);
    return {
      takenAt: at && !Number.isNaN(at.getTime()) ? at : null,
      latitude: isPlace ? latitude : null,
      longitude: isPlace ? longitude : null,
    };
  } catch {
    // Camera makers write what they like; a photo without facts is still a photo.
    return nothing;
  }
}
