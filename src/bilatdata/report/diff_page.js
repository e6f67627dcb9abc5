// Shows only what the words and the ticked boxes choose; without it the page shows everything.
(function () {
  var form = document.querySelector(".filter");
  var items = Array.prototype.slice.call(document.querySelectorAll("[data-kinds]"));
  var sections = Array.prototype.slice.call(document.querySelectorAll("main section"));
  var told = form.querySelector("output");
  function choose() {
    var words = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    var kinds = Array.prototype.filter.call(form.elements.kind, function (box) { return box.checked; });
    kinds = kinds.map(function (box) { return box.value; });
    var shown = 0;
    items.forEach(function (item) {
      var text = item.textContent.toLowerCase();
      var fits = item.dataset.kinds.split(" ").some(function (kind) { return kinds.indexOf(kind) >= 0; });
      fits = fits && words.every(function (word) { return text.indexOf(word) >= 0; });
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    sections.forEach(function (section) {
      section.hidden = words.length > 0 && !section.querySelector("[data-kinds]:not([hidden])");
      if (words.length) section.querySelectorAll("details").forEach(function (part) { part.open = true; });
    });
    told.textContent = shown === items.length ? "" : shown + " of " + items.length + " shown";
  }
  form.hidden = false;
  form.addEventListener("input", choose);
  form.addEventListener("submit", function (event) { event.preventDefault(); });
})();
