// Choosing files: preview, size and type told before anything is sent, drag and drop. The plain field stays the truth.
import { toast } from "./toast.js";
import { word } from "./words.js";

function fits(file, accept) {
  if (!accept) return true;
  return accept.split(",").map((part) => part.trim().toLowerCase()).some((part) =>
    part.startsWith(".") ? file.name.toLowerCase().endsWith(part)
      : part.endsWith("/*") ? file.type.startsWith(part.slice(0, -1)) : file.type === part);
}

function take(box, input, files) {
  const most = Number(box.dataset.maxMb || 20);
  const held = new DataTransfer();
  for (const file of files) {
    if (file.size > most * 1048576) toast(word("fileLarge", { name: file.name, size: most }), "warning");
    else if (!fits(file, input.accept)) toast(word("fileType", { name: file.name }), "warning");
    else held.items.add(file);
  }
  input.files = held.files;
  show(box, input);
}

function show(box, input) {
  const list = box.querySelector("ul");
  list.querySelectorAll("img").forEach((image) => URL.revokeObjectURL(image.src));
  list.replaceChildren(...[...input.files].map((file, place) => {
    const item = document.createElement("li");
    if (file.type.startsWith("image/")) {
      const image = document.createElement("img");
      image.src = URL.createObjectURL(file);
      image.alt = "";
      item.append(image);
    }
    const text = document.createElement("span");
    text.textContent = `${file.name} · ${(file.size / 1048576).toFixed(1)} MB`;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-bare";
    button.textContent = word("fileRemove");
    button.addEventListener("click", () => take(box, input, [...input.files].filter((_each, at) => at !== place)));
    item.append(text, button);
    return item;
  }));
}

export function start() {
  document.addEventListener("change", (event) => {
    const box = event.target.closest?.("[data-upload]");
    if (box && event.target.type === "file") take(box, event.target, [...event.target.files]);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    document.addEventListener(name, (event) => {
      const box = event.target.closest?.("[data-upload]");
      if (!box) return;
      event.preventDefault();
      box.classList.toggle("qc-upload-over", name === "dragover");
      if (name !== "drop") return;
      const input = box.querySelector("input[type=file]");
      take(box, input, [...(input.multiple ? input.files : []), ...event.dataTransfer.files]);
    });
  }
}
