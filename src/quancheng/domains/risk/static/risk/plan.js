// Corners of a shape set on a plan with pointer, finger or keys. They are written into the form's text field, which is
// what is sent; what is typed there is drawn. Without scripts the field alone is used. A plan that takes a single point
// (data-plan-draw="one") moves it to wherever one points.
const NS = "http://www.w3.org/2000/svg";
const svg = document.querySelector("[data-plan-draw]");
const field = document.querySelector('[name="points"]');
const isOne = svg?.dataset.planDraw === "one";

function start() {
  const shape = svg.querySelector("[data-plan-shape]");
  const polygon = shape.querySelector("polygon");
  const corners = shape.querySelector("[data-plan-corners]");
  const cross = shape.querySelector("[data-plan-cross]");
  const said = document.querySelector("[data-plan-at]");
  const image = svg.querySelector("image");
  const width = Number(image.getAttribute("width"));
  const height = Number(image.getAttribute("height"));
  const reach = Math.max(width, height) / 60;
  let points = [];
  let at = [Math.round(width / 2), Math.round(height / 2)];
  let moved = -1;

  function read() {
    points = field.value.replaceAll("，", ",").split(/[\s;；]+/).map((one) => one.split(",").map(Number)).filter((one) => one.length === 2 && one.every(Number.isFinite));
    draw();
  }

  function write() {
    field.value = points.map((one) => one.join(",")).join(" ");
    draw();
  }

  function draw() {
    polygon.setAttribute("points", points.map((one) => one.join(",")).join(" "));
    corners.replaceChildren(...points.map(([x, y]) => {
      const dot = document.createElementNS(NS, "circle");
      for (const [name, value] of [["cx", x], ["cy", y], ["r", reach / 3], ["fill", "#fff"]]) dot.setAttribute(name, value);
      return dot;
    }));
  }

  function aim() {
    const [x, y] = at;
    const isHere = document.activeElement === svg;
    cross.setAttribute("d", isHere ? `M${x - reach} ${y}H${x + reach}M${x} ${y - reach}V${y + reach}` : "");
    said.textContent = isHere ? ` ${x},${y}` : "";
  }

  function place(event) {
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [Math.min(width, Math.max(0, Math.round(point.x))), Math.min(height, Math.max(0, Math.round(point.y)))];
  }

  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const [x, y] = place(event);
    if (isOne) points = [];
    moved = points.findIndex((one) => Math.hypot(one[0] - x, one[1] - y) < reach);
    if (moved < 0) {
      points.push([x, y]);
      moved = points.length - 1;
    }
    at = [x, y];
    svg.setPointerCapture(event.pointerId);
    write();
    aim();
  });
  svg.addEventListener("pointermove", (event) => {
    if (moved < 0) return;
    points[moved] = place(event);
    write();
  });
  for (const name of ["pointerup", "pointercancel"]) svg.addEventListener(name, () => { moved = -1; });
  svg.addEventListener("keydown", (event) => {
    const step = (event.shiftKey ? 10 : 1) * Math.max(1, Math.round(reach / 4));
    const ways = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (ways[event.key]) at = [Math.min(width, Math.max(0, at[0] + ways[event.key][0])), Math.min(height, Math.max(0, at[1] + ways[event.key][1]))];
    else if (event.key === "Enter") points = isOne ? [[...at]] : [...points, [...at]];
    else if (event.key === "Backspace") points.pop();
    else return;
    event.preventDefault();
    write();
    aim();
  });
  svg.addEventListener("focus", aim);
  svg.addEventListener("blur", aim);
  field.addEventListener("input", read);
  document.querySelector("[data-plan-undo]")?.addEventListener("click", () => { points.pop(); write(); });
  document.querySelector("[data-plan-clear]").addEventListener("click", () => { points = []; write(); });
  for (const part of document.querySelectorAll("[data-plan-tools]")) part.hidden = false;
  read();
}

if (svg && field) start();
