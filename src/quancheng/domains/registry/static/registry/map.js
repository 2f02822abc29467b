// The registry's map: points of enterprises in clusters, major hazards as squares of their grade, sensitive places,
// boundaries. The page's filters narrow it; what it shows stands in the list below. Without WebGL it says so. Another
// room's map gives levels of its own, areas with theirs, zones that say what they are, and names the live events (one, or
// all that begin with what stands before a star) at which it is drawn anew; one on which somebody draws (data-zone-draw)
// hands the map out and leads nowhere. Levels that are warnings and no risks are triangles; the fifth is no level: nothing
// is heard of who stands there.
import { load } from "../web/js/map.js";
import { word } from "../web/js/words.js";

const IN_DEGREE = 100000;
const HUES = ["", "#d63939", "#f76707", "#f5b800", "#206bc4"];
const [SILENT, NONE] = [5, 9];
const EMPTY = { type: "FeatureCollection", features: [] };
const box = document.querySelector("[data-registry-map]");
const said = document.querySelector("[data-map-said]");
const parts = [...document.querySelectorAll("[data-map-layer]")];
let drawn; // the last answer
let isMany = false;
let asked = 0;

function on(layer) {
  return document.querySelector(`[data-map-layer="${layer}"]`)?.checked ?? true;
}

function feature(x, y, properties) {
  return { type: "Feature", properties, geometry: { type: "Point", coordinates: [x / IN_DEGREE, y / IN_DEGREE] } };
}

function enterprises() {
  const [west, south] = drawn.from;
  const features = [];
  for (let at = 0; at < drawn.points.length; at += 4) {
    const grade = drawn.points[at + 3];
    if (!on(grade ? `grade${grade}` : "plain")) continue;
    features.push(feature(west + drawn.points[at], south + drawn.points[at + 1], { grade: grade || NONE }));
  }
  return { type: "FeatureCollection", features };
}

function squares() {
  const features = [];
  for (let at = 0; at < drawn.squares.length; at += 4) {
    const [x, y, number, grade] = drawn.squares.slice(at, at + 4);
    features.push(feature(x, y, { number, grade: grade || NONE }));
  }
  return { type: "FeatureCollection", features };
}

function places() {
  if (!on("places")) return EMPTY;
  const features = drawn.places.map(([x, y, kind, id, name]) => feature(x, y, { kind, id, name }));
  return { type: "FeatureCollection", features };
}

function polygon(flat, properties) {
  const ring = [];
  for (let at = 0; at < flat.length; at += 2) ring.push([flat[at] / IN_DEGREE, flat[at + 1] / IN_DEGREE]);
  ring.push(ring[0]);
  return { type: "Feature", properties, geometry: { type: "Polygon", coordinates: [ring] } };
}

function areas() {
  if (!on("areas")) return EMPTY;
  const features = (drawn.areas ?? []).map(([grade, path, flat]) => polygon(flat, { grade: grade || NONE, path }));
  return { type: "FeatureCollection", features };
}

function zones() {
  const shown = (drawn.zones ?? []).filter(([kind]) => on(`zone-${kind}`));
  const features = shown.map(([, hue, id, name, lines, flat]) => polygon(flat, { hue, id, name, said: JSON.stringify(lines) }));
  return { type: "FeatureCollection", features };
}

function boundaries() {
  if (!on("boundaries")) return EMPTY;
  return { type: "FeatureCollection", features: drawn.boundaries.map((flat) => polygon(flat, {})) };
}

// Pictures are drawn here: without a server of glyphs MapLibre writes no figures.
function picture(size, paint) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size * 2;
  const pen = canvas.getContext("2d");
  pen.scale(2, 2);
  pen.lineWidth = 1.5;
  pen.strokeStyle = "#1a2124";
  paint(pen);
  return pen.getImageData(0, 0, size * 2, size * 2);
}

function square(pen, x, y, size, grade) {
  pen.fillStyle = HUES[grade];
  pen.fillRect(x, y, size, size);
  pen.strokeRect(x, y, size, size);
}

function triangle(pen, x, y, size, grade) {
  pen.beginPath();
  pen.moveTo(x + size / 2, y);
  pen.lineTo(x + size, y + size);
  pen.lineTo(x, y + size);
  pen.closePath();
  pen.fillStyle = HUES[grade];
  pen.fill();
  pen.stroke();
}

const mark = box?.dataset.form === "triangle" ? triangle : square;

function point(grade) {
  return picture(18, (pen) => {
    if (HUES[grade]) return mark(pen, 2, 2, 14, grade);
    pen.beginPath();
    pen.arc(9, 9, grade === SILENT ? 7 : 5, 0, 7);
    pen.fillStyle = grade === SILENT ? "#cfd6da" : "#fff";
    pen.fill();
    if (grade === SILENT) {
      pen.moveTo(4, 4);
      pen.lineTo(14, 14);
      pen.moveTo(14, 4);
      pen.lineTo(4, 14);
    }
    return pen.stroke();
  });
}

function house() {
  return picture(18, (pen) => {
    pen.beginPath();
    pen.moveTo(9, 2);
    for (const [x, y] of [[16, 8], [16, 16], [2, 16], [2, 8]]) pen.lineTo(x, y);
    pen.closePath();
    pen.fillStyle = "#cfd6da";
    pen.fill();
    pen.stroke();
  });
}

function cluster(number, grade) {
  return picture(44, (pen) => {
    pen.beginPath();
    pen.arc(22, 22, number > 999 ? 19 : 16, 0, 7);
    pen.fillStyle = "#fff";
    pen.fill();
    pen.stroke();
    if (HUES[grade]) mark(pen, 30, 2, 11, grade);
    pen.fillStyle = "#1a2124";
    pen.font = "12px sans-serif";
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillText(number > 9999 ? `${Math.round(number / 1000)}k` : String(number), 22, 22);
  });
}

function addPicture(map, id) {
  const [kind, first, second] = id.split("|");
  const made = { point: () => point(Number(first)), house, cluster: () => cluster(Number(first), Number(second)) }[kind];
  if (made && !map.hasImage(id)) map.addImage(id, made(), { pixelRatio: 2 });
}

function addLayers(map) {
  const grouped = { cluster: true, clusterRadius: 44, clusterMaxZoom: 15, clusterProperties: { gravest: ["min", ["get", "grade"]] } };
  for (const id of ["areas", "zones", "boundaries", "places", "squares"]) map.addSource(id, { type: "geojson", data: EMPTY });
  map.addSource("enterprises", { type: "geojson", data: EMPTY, ...grouped });
  const hue = ["match", ["get", "grade"], ...[1, 2, 3, 4].flatMap((grade) => [grade, HUES[grade]]), "#8a959b"];
  map.addLayer({ id: "areas", type: "fill", source: "areas", paint: { "fill-color": hue, "fill-opacity": 0.16 } });
  map.addLayer({ id: "area-lines", type: "line", source: "areas", paint: { "line-color": "#566168", "line-width": 1, "line-dasharray": [3, 2] } });
  map.addLayer({ id: "zones", type: "fill", source: "zones", paint: { "fill-color": ["get", "hue"], "fill-opacity": 0.35 } });
  map.addLayer({ id: "zone-lines", type: "line", source: "zones", paint: { "line-color": ["get", "hue"], "line-width": 2 } });
  map.addLayer({ id: "boundaries", type: "line", source: "boundaries", paint: { "line-color": "#566168", "line-width": 1.5 } });
  const symbol = (id, source, image, filter) => map.addLayer({
    id, source, type: "symbol", ...(filter ? { filter } : {}),
    layout: { "icon-image": image, "icon-allow-overlap": true, "icon-ignore-placement": true },
  });
  symbol("places", "places", "house");
  symbol("points", "enterprises", ["concat", "point|", ["get", "grade"]], ["!", ["has", "point_count"]]);
  symbol("clusters", "enterprises", ["concat", "cluster|", ["get", "point_count"], "|", ["get", "gravest"]], ["has", "point_count"]);
  symbol("squares", "squares", ["concat", "cluster|", ["get", "number"], "|", ["get", "grade"]]);
}

function card({ id, name, said }) {
  const made = document.createElement("div");
  const link = document.createElement("a");
  link.href = `${box.dataset.zone}/${id}`;
  link.textContent = name;
  made.append(link);
  for (const line of JSON.parse(said)) {
    const part = document.createElement("div");
    part.textContent = line;
    made.append(part);
  }
  return made;
}

function listen(map, maplibre) {
  const closer = (event) => map.easeTo({ center: event.features[0].geometry.coordinates, zoom: map.getZoom() + 2 });
  map.on("click", "squares", closer);
  map.on("click", "clusters", async (event) => {
    const one = event.features[0];
    const zoom = await map.getSource("enterprises").getClusterExpansionZoom(one.properties.cluster_id);
    map.easeTo({ center: one.geometry.coordinates, zoom: Math.min(zoom, 18) });
  });
  map.on("click", "points", (event) => {
    const [lon, lat] = event.features[0].geometry.coordinates.map((one) => Math.round(one * IN_DEGREE) / IN_DEGREE);
    location.assign(`${box.dataset.at}?lon=${lon.toFixed(5)}&lat=${lat.toFixed(5)}`);
  });
  map.on("click", "places", (event) => location.assign(`${box.dataset.place}/${event.features[0].properties.id}`));
  const isFree = (event) => !map.queryRenderedFeatures(event.point, { layers: ["points", "clusters", "squares", "places"] }).length;
  map.on("click", "zones", (event) => {
    if (!isFree(event)) return;
    new maplibre.Popup({ className: "reg-map-card", maxWidth: "200px" }).setLngLat(event.lngLat).setDOMContent(card(event.features[0].properties)).addTo(map);
  });
  map.on("click", "areas", (event) => {
    if (box.dataset.town && isFree(event)) location.assign(`${box.dataset.town}?town=${encodeURIComponent(event.features[0].properties.path)}`);
  });
  for (const id of ["squares", "clusters", "points", "places", "zones"]) {
    map.on("mouseenter", id, () => { map.getCanvas().style.cursor = "pointer"; });
    map.on("mouseleave", id, () => { map.getCanvas().style.cursor = ""; });
  }
}

function show(map) {
  map.getSource("areas").setData(areas());
  map.getSource("zones").setData(zones());
  map.getSource("boundaries").setData(boundaries());
  map.getSource("places").setData(places());
  map.getSource("enterprises").setData(enterprises());
  map.getSource("squares").setData(squares());
}

function extent() {
  const [west, south] = drawn.from;
  const found = [Infinity, Infinity, -Infinity, -Infinity];
  const take = (x, y) => {
    found[0] = Math.min(found[0], x);
    found[1] = Math.min(found[1], y);
    found[2] = Math.max(found[2], x);
    found[3] = Math.max(found[3], y);
  };
  for (let at = 0; at < drawn.points.length; at += 4) take(west + drawn.points[at], south + drawn.points[at + 1]);
  for (let at = 0; at < drawn.squares.length; at += 4) take(drawn.squares[at], drawn.squares[at + 1]);
  const rings = [...(drawn.areas ?? []).map(([, , flat]) => flat), ...(drawn.zones ?? []).map(([, , , , , flat]) => flat)];
  for (const flat of rings) for (let at = 0; at < flat.length; at += 2) take(flat[at], flat[at + 1]);
  if (found[0] === Infinity) for (const [x, y] of drawn.places) take(x, y);
  return found[0] === Infinity ? null : found.map((one) => one / IN_DEGREE);
}

async function fetchDrawing(map) {
  const filters = new URLSearchParams(location.search);
  for (const name of ["page", "sort", "cols", "part", "export"]) filters.delete(name);
  if (map && isMany) {
    const { _sw, _ne } = map.getBounds();
    filters.set("window", [_sw.lng, _sw.lat, _ne.lng, _ne.lat].map((one) => one.toFixed(6)).join(","));
  }
  const turn = ++asked;
  const answer = await fetch(`${box.dataset.url}?${filters}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(String(answer.status));
  const found = await answer.json();
  if (turn !== asked) return false; // A later question overtook this one.
  drawn = found;
  return true;
}

function tell() {
  const isEmpty = !drawn.points.length && !drawn.squares.length;
  said.textContent = drawn.squares.length ? said.dataset.many : isEmpty ? said.dataset.none : "";
}

async function again(map, isNewFilter) {
  if (isNewFilter) isMany = false;
  try {
    if (!(await fetchDrawing(map))) return;
  } catch {
    said.textContent = said.dataset.failed;
    return;
  }
  isMany ||= drawn.squares.length > 0;
  tell();
  show(map);
}

async function start() {
  try {
    const [maplibre] = await Promise.all([load(), fetchDrawing(null)]);
    isMany = drawn.squares.length > 0;
    const map = new maplibre.Map({
      container: box, style: { version: 8, sources: {}, layers: [] }, attributionControl: false, maxZoom: 18,
      bounds: extent() ?? undefined, fitBoundsOptions: { padding: 48, maxZoom: 15 },
      pixelRatio: Math.min(2, window.devicePixelRatio),
    });
    map.addControl(new maplibre.NavigationControl({ showCompass: false }));
    map.addControl(new maplibre.ScaleControl());
    map.setMissingStyleImageResolver((id) => addPicture(map, id));
    map.on("load", () => {
      addLayers(map);
      if (box.dataset.zoneDraw === undefined) listen(map, maplibre);
      tell();
      show(map);
      box.dispatchEvent(new CustomEvent("qc:map", { detail: map }));
      map.once("idle", () => { box.dataset.ready = ""; });
      map.on("moveend", () => { if (isMany) again(map, false); });
      for (const part of parts) part.addEventListener("change", () => show(map));
      let query = location.search;
      let soon = 0;
      const hears = (box.dataset.hears ?? "").split(" ").filter(Boolean);
      document.addEventListener("qc:live", (event) => {
        const { kind = "" } = event.detail;
        if (soon || !hears.some((one) => (one.endsWith("*") ? kind.startsWith(one.slice(0, -1)) : kind === one))) return;
        soon = setTimeout(() => { soon = 0; again(map, false); }, 500);
      });
      document.addEventListener("htmx:after:swap", () => setTimeout(() => {
        if (location.search === query) return;
        query = location.search;
        again(map, true);
      }));
    });
  } catch {
    if (drawn) box.textContent = word("noWebgl");
    else said.textContent = said.dataset.failed;
  }
}

if (box) start();
