// A word spoken instead of typed, where the browser records sound.
const KINDS = [["audio/mp4", "mp4"], ["audio/webm", "webm"]];
const LONGEST_MS = 120000;

export function canRecord() {
  return Boolean(navigator.mediaDevices?.getUserMedia && window.MediaRecorder && KINDS.some(([kind]) => MediaRecorder.isTypeSupported(kind)));
}

/** Begin; answers {stop, whole}: whole resolves to {bytes, ending} when it was stopped, or after two minutes. */
export async function record() {
  const [kind, ending] = KINDS.find(([each]) => MediaRecorder.isTypeSupported(each));
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: kind });
  const parts = [];
  recorder.ondataavailable = (event) => parts.push(event.data);
  const whole = new Promise((good) => {
    recorder.onstop = async () => {
      stream.getTracks().forEach((track) => track.stop());
      good({ bytes: new Uint8Array(await new Blob(parts).arrayBuffer()), ending });
    };
  });
  const stop = () => recorder.state === "inactive" || recorder.stop();
  setTimeout(stop, LONGEST_MS);
  recorder.start();
  return { stop, whole };
}
