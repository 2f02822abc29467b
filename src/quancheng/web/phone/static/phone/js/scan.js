// Codes of places: by the camera where the browser reads codes itself, else typed.
export function canScan() {
  return Boolean(window.BarcodeDetector && navigator.mediaDevices?.getUserMedia);
}

/** Show the camera in a video element until a code is seen; answers its text, or null when stopped. */
export async function scan(video, isStopped) {
  const detector = new window.BarcodeDetector();
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  try {
    video.srcObject = stream;
    await video.play();
    while (!isStopped()) {
      const [found] = await detector.detect(video).catch(() => []);
      if (found?.rawValue) return found.rawValue;
      await new Promise((good) => setTimeout(good, 200));
    }
    return null;
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.srcObject = null;
  }
}

/** What a code stands for in a pack: {file, unit}; codes of addresses are their last part. Null for none. */
export function find(pack, text) {
  const code = text.trim().replace(/[?#].*$/, "").replace(/\/+$/, "").split("/").pop().toUpperCase();
  if (!code) return null;
  const units = pack.hazards.units.filter((each) => each.code.toUpperCase() === code || each.id.toUpperCase() === code);
  if (units.length) return { file: units[0].file, unit: units.length === 1 ? units[0].id : "" };
  const file = pack.hazards.files.find((each) => each.code.toUpperCase() === code || each.id.toUpperCase() === code);
  return file ? { file: file.id, unit: "" } : null;
}
