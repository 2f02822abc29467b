// Where the device is, if it says so within a quarter of a minute.
const WAIT_MS = 15000;

/** {latitude, longitude} in degrees (WGS 84) with the accuracy in metres, or null. */
export function locate() {
  return new Promise((good) => {
    if (!navigator.geolocation) return good(null);
    const done = ({ coords }) => good({ latitude: Number(coords.latitude.toFixed(6)), longitude: Number(coords.longitude.toFixed(6)), accuracy: Number(Math.min(coords.accuracy ?? 0, 99999).toFixed(1)) });
    return navigator.geolocation.getCurrentPosition(done, () => good(null), { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 60000 });
  });
}
