// Corners of a planning zone set on the map with pointer or finger. They are written into the form's text field, which is
// what is sent; what is typed there is drawn. Where no map can be drawn the field alone is used.
const GRAIN = 1000000;
const OURS = "cgcs2000";
const INK = "#0b5e6b";
const box = document.querySelector("[data-zone-draw]");
const field = document.querySelector('textarea[name="polygon"]');
const system = document.querySelector('select[name="system"]');
const tools = document.querySelector("[data-zone-tools]");

function start(map) {
  const said = tools.querySelector("[data-zone-said]");
  let corners = [];

  /** What stands in the field; in another system of coordinates it would lie somewhere else on this map. */
  function read() {
    corners = [];
    if (system.value === OURS) {
      try {
        const [ring] = JSON.parse(field.value).coordinates;
        corners = ring.slice(0, -1).filter((one) => Array.isArray(one) && one.slice(0, 2).every(Number.isFinite)).map((one) => one.slice(0, 2));
      } catch {
        // Not typed to its end, or no polygon: the server says what is wrong with it.
      }
    }
    draw();
  }

  function write() {
    const ring = [...corners, corners[0]];
    field.value = corners.length < 3 ? "" : JSON.stringify({ type: "Polygon", coordinates: [ring] });
    system.value = OURS;
    draw();
  }

  function draw() {
    const one = (type, coordinates, number = -1) => ({ type: "Feature", properties: { number }, geometry: { type, coordinates } });
    const features = corners.map((corner, number) => one("Point", corner, number));
    if (corners.length > 2) features.push(one("Polygon", [[...corners, corners[0]]]));
    else if (corners.length > 1) features.push(one("LineString", corners));
    map.getSource("drawing").setData({ type: "FeatureCollection", features });
    said.textContent = corners.length ? said.dataset.corners.replace("{count}", corners.length) : "";
    box.dataset.corners = String(corners.length);
  }

  const at = ({ lng, lat }) => [lng, lat].map((degrees) => Math.round(degrees * GRAIN) / GRAIN);
  const here = (event) => map.queryRenderedFeatures(event.point, { layers: ["drawing-corners"] })[0];

  map.addSource("drawing", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({ id: "drawing-fill", type: "fill", source: "drawing", filter: ["==", "$type", "Polygon"], paint: { "fill-color": INK, "fill-opacity": 0.2 } });
  map.addLayer({ id: "drawing-line", type: "line", source: "drawing", filter: ["!=", "$type", "Point"], paint: { "line-color": INK, "line-width": 2 } });
  map.addLayer({ id: "drawing-corners", type: "circle", source: "drawing", filter: ["==", "$type", "Point"], paint: { "circle-color": "#fff", "circle-radius": 7, "circle-stroke-color": INK, "circle-stroke-width": 2 } });
  map.doubleClickZoom.disable();
  map.getCanvas().style.cursor = "crosshair";
  map.on("click", (event) => {
    if (here(event)) return;
    corners.push(at(event.lngLat));
    write();
  });
  for (const [down, move, up] of [["mousedown", "mousemove", "mouseup"], ["touchstart", "touchmove", "touchend"]]) {
    map.on(down, "drawing-corners", (event) => {
      if (event.points && event.points.length > 1) return;
      event.preventDefault();
      const { number } = here(event).properties;
      const follow = (moved) => {
        corners[number] = at(moved.lngLat);
        write();
      };
      map.on(move, follow);
      map.once(up, () => map.off(move, follow));
    });
  }
  field.addEventListener("input", read);
  system.addEventListener("change", read);
  tools.querySelector("[data-zone-undo]").addEventListener("click", () => { corners.pop(); write(); });
  tools.querySelector("[data-zone-clear]").addEventListener("click", () => { corners = []; write(); });
  read();
}

if (box && field && system) {
  tools.hidden = false;
  box.addEventListener("qc:map", (event) => start(event.detail));
}
