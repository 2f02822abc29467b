// A slider over days: it writes the day field of the form it names, whose own events fetch what stood at the end of
// that day. Its right end is now. Without scripts the field itself is used.
const DAY_MS = 86400000;

function start(box) {
  const form = document.getElementById(box.dataset.days);
  const field = form?.querySelector('input[name="day"]');
  if (!field || !field.min || field.min >= field.max) return;
  const slider = box.querySelector("input");
  const said = box.querySelector("output");
  const first = Date.parse(field.min);
  const last = Math.round((Date.parse(field.max) - first) / DAY_MS);
  const dayAt = (place) => (place >= last ? "" : new Date(first + place * DAY_MS).toISOString().slice(0, 10));
  const say = () => {
    const words = dayAt(Number(slider.value)) || box.dataset.now;
    said.textContent = words;
    slider.setAttribute("aria-valuetext", words);
  };
  const follow = () => {
    slider.value = field.value ? Math.round((Date.parse(field.value) - first) / DAY_MS) : last;
    say();
  };
  slider.max = last;
  follow();
  slider.addEventListener("input", say);
  slider.addEventListener("change", () => {
    field.value = dayAt(Number(slider.value));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  });
  field.addEventListener("change", follow);
  box.hidden = false;
}

for (const box of document.querySelectorAll("[data-days]")) start(box);
