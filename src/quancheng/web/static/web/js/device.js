// Whoever signs in or out leaves no key of anybody's notes on this device (see phone/js/secret.js): the notes stay, and
// their owner gets the key again when he signs in.
const KEYS = "qc-phone-key";

function forget() {
  window.indexedDB?.deleteDatabase(KEYS);
}

export function start() {
  if (document.querySelector("[data-forget-device]")) forget();
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-sign-out]")) forget();
  });
}
