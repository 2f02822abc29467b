// Screens are templates of the shell; here they are copied and filled.

/** A copy of a template's one element. */
export function build(name) {
  return document.getElementById(`t-${name}`).content.firstElementChild.cloneNode(true);
}

export function slot(root, name) {
  return root.querySelector(`[data-slot="${name}"]`);
}

/** Text, nodes, or nothing (which hides the place) into the slots of an element. */
export function fill(root, values) {
  for (const [name, value] of Object.entries(values)) {
    const place = slot(root, name);
    if (!place) continue;
    place.hidden = value === null || value === undefined || value === "" || (Array.isArray(value) && !value.length);
    if (Array.isArray(value)) place.replaceChildren(...value);
    else if (value instanceof Node) place.replaceChildren(value);
    else if (!place.hidden) place.textContent = value;
  }
  return root;
}

export function on(root, name, act) {
  const found = root.matches?.(`[data-act="${name}"]`) ? [root] : [...root.querySelectorAll(`[data-act="${name}"]`)];
  for (const each of found) each.addEventListener("click", act);
}

/** Options of a select: pairs of value and text. */
export function options(select, pairs, chosen = "") {
  select.replaceChildren(...pairs.map(([value, text]) => {
    const option = document.createElement("option");
    option.value = value;
    option.textContent = text;
    option.selected = value === chosen;
    return option;
  }));
}

/** One sentence for everybody to hear, which goes by itself. */
export function say(text, kind = "info") {
  const place = document.getElementById("said");
  const line = document.createElement("p");
  line.className = `ph-said ph-said-${kind}`;
  line.textContent = text;
  place.replaceChildren(line);
  setTimeout(() => line.remove(), 8000);
}

/** Errors beside their fields; the first takes the focus. Returns whether there were none. */
export function faults(form, found) {
  for (const old of form.querySelectorAll(".ph-wrong")) old.remove();
  let first = null;
  for (const [name, text] of Object.entries(found)) {
    const field = form.querySelector(`[data-field="${name}"]`) ?? form;
    const line = document.createElement("p");
    line.className = "ph-wrong";
    line.textContent = text;
    field.append(line);
    first ??= field.querySelector("input, select, textarea, button") ?? line;
  }
  first?.focus();
  return first === null;
}
