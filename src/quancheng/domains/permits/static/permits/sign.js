// Where the device is, and a name written by finger, for forms that htmx may draw anew: everything is listened to on
// the document. What is found stands in hidden inputs, which are what is sent.
const WAIT_MS = 20000;
const INK = "#111";
const WIDTH_PX = 3;
const PREFIX = "data:image/png;base64,";
/** Less ink than this is a touch by mistake, no name. */
const LEAST_POINTS = 12;
let fix = null;
let points = 0;
let pen = null;

const box = (node) => node.closest(".permits-where");

function prepare() {
  for (const button of document.querySelectorAll("[data-locate][hidden]")) button.hidden = false;
  for (const canvas of document.querySelectorAll("[data-signature]:not([data-ready])")) restore(canvas);
}

function locate(button) {
  const said = box(button).querySelector("[data-said]");
  if (!navigator.geolocation) {
    said.textContent = said.dataset.none;
    return;
  }
  said.textContent = said.dataset.wait;
  navigator.geolocation.getCurrentPosition(
    ({ coords, timestamp }) => {
      fix = { lon: coords.longitude.toFixed(6), lat: coords.latitude.toFixed(6), accuracy_m: Math.ceil(coords.accuracy), timestamp };
      said.textContent = said.dataset.got.replace("{m}", fix.accuracy_m);
      write();
      button.dispatchEvent(new CustomEvent("permits:located", { bubbles: true, detail: fix }));
    },
    () => { said.textContent = said.dataset.denied; },
    { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 0 },
  );
}

/** The age of the fix counts to the moment of sending, by this device's clock alone. */
function write() {
  if (!fix) return;
  const now = Date.now();
  const told = JSON.stringify({ lon: fix.lon, lat: fix.lat, accuracy_m: fix.accuracy_m, age_s: Math.max(0, Math.round((now - fix.timestamp) / 1000)), device_ms: now });
  for (const input of document.querySelectorAll("[data-position]")) input.value = told;
}

function wipe(canvas) {
  canvas.dataset.ready = "1";
  const draw = canvas.getContext("2d");
  // White paper under it: a picture without one is black ink on black where the viewer is dark.
  draw.fillStyle = "#fff";
  draw.fillRect(0, 0, canvas.width, canvas.height);
  Object.assign(draw, { strokeStyle: INK, lineWidth: WIDTH_PX, lineCap: "round", lineJoin: "round" });
  points = 0;
  canvas.closest(".permits-sign").querySelector("[data-signature-value]").value = "";
}

/** A form that came back refused brings the name that was written: nobody writes it again. */
async function restore(canvas) {
  const input = canvas.closest(".permits-sign").querySelector("[data-signature-value]");
  const told = input.value;
  wipe(canvas);
  if (!told.startsWith(PREFIX)) return;
  try {
    const bytes = Uint8Array.from(atob(told.slice(PREFIX.length)), (one) => one.charCodeAt(0));
    const picture = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    if (points) return;
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    input.value = told;
    points = LEAST_POINTS;
  } catch {
    // What is no picture is written anew.
  }
}

function at(canvas, event) {
  const frame = canvas.getBoundingClientRect();
  return [((event.clientX - frame.left) * canvas.width) / frame.width, ((event.clientY - frame.top) * canvas.height) / frame.height];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-locate]");
  if (button) locate(button);
  const again = event.target.closest("[data-signature-clear]");
  if (again) wipe(again.closest(".permits-sign").querySelector("canvas"));
});
document.addEventListener("pointerdown", (event) => {
  if (!event.target.matches?.("[data-signature]")) return;
  event.preventDefault();
  event.target.setPointerCapture(event.pointerId);
  pen = event.target;
  const draw = pen.getContext("2d");
  draw.beginPath();
  draw.moveTo(...at(pen, event));
});
document.addEventListener("pointermove", (event) => {
  if (!pen) return;
  const draw = pen.getContext("2d");
  draw.lineTo(...at(pen, event));
  draw.stroke();
  points += 1;
});
for (const name of ["pointerup", "pointercancel"]) {
  document.addEventListener(name, () => {
    if (pen && points >= LEAST_POINTS) pen.closest(".permits-sign").querySelector("[data-signature-value]").value = pen.toDataURL("image/png");
    pen = null;
  });
}
document.addEventListener("submit", write, true);
// The form of a place: what was found stands in its own fields, to be seen and mended.
document.addEventListener("permits:located", (event) => {
  for (const [name, value] of [["lon", event.detail.lon], ["lat", event.detail.lat]]) {
    const field = event.target.form?.elements.namedItem(name);
    if (field) field.value = value;
  }
});
new MutationObserver(prepare).observe(document.body, { childList: true, subtree: true });
prepare();
