// Ledgers: tick all rows of the page; the first column gets its rule once the table scrolls sideways.
function shade(wrap) {
  wrap.firstElementChild?.classList.toggle("qc-table-scrolls", wrap.scrollLeft > 0);
}

export function start() {
  document.addEventListener("change", (event) => {
    const all = event.target.closest("[data-tick-all]");
    if (!all) return;
    all.closest("table").querySelectorAll("tbody .qc-tick input").forEach((box) => {
      box.checked = all.checked;
    });
  });
  document.addEventListener("scroll", (event) => {
    if (event.target.classList?.contains("qc-table-wrap")) shade(event.target);
  }, true);
}
