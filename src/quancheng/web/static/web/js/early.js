// Before the first paint: the theme, so that nothing flashes. Not a module, since modules wait.
(function () {
  var root = document.documentElement;
  var found = document.cookie.match(/(?:^|; )qc_theme=(light|dark)/);
  var choice = found ? found[1] : "auto";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");
  function apply() {
    var chosen = root.dataset.themeChoice;
    root.dataset.bsTheme = chosen === "auto" ? (dark.matches ? "dark" : "light") : chosen;
  }
  root.dataset.themeChoice = choice;
  root.classList.add("qc-js");
  apply();
  dark.addEventListener("change", apply);
  document.addEventListener("qc:theme", function (event) {
    root.dataset.themeChoice = event.detail;
    apply();
  });
})();
