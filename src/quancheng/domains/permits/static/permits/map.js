// The slider tells its hours while it is moved; the map follows when it is let go.
for (const slider of document.querySelectorAll(".pmt-slider input")) {
  const told = slider.parentElement.querySelector("output");
  slider.addEventListener("input", () => { told.textContent = `${slider.value} ${slider.dataset.hours}`; });
}
