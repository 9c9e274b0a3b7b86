"use strict";
(() => {
  const words = (text) => new Set((text || "").split(" ").filter(Boolean));
  const rows = [...document.querySelectorAll("[data-def],[data-use],[data-of]")].map((el) => ({
    el, def: words(el.dataset.def), use: words(el.dataset.use), of: words(el.dataset.of),
  }));
  const meets = (a, b) => { for (const x of a) if (b.has(x)) return true; return false; };
  const joined = (a, b) => new Set([...a, ...b]);
  let lit = [];
  const clear = () => {
    for (const el of lit) el.classList.remove("same", "from", "to");
    lit = [];
  };
  const light = (row) => {
    clear();
    const own = joined(row.def, row.of);
    for (const other of rows) {
      const theirs = joined(other.def, other.of);
      let kind = "";
      if (other === row || meets(own, theirs)) kind = "same";
      else if (meets(row.use, other.def)) kind = "from";
      else if (meets(row.def, other.use)) kind = "to";
      if (kind) { other.el.classList.add(kind); lit.push(other.el); }
    }
  };
  // In the other panes the first line of the same value is brought into sight.
  const show = (row) => {
    light(row);
    for (const pane of document.querySelectorAll(".panes .scroll")) {
      const first = pane.querySelector(".same");
      if (!first || pane.contains(row.el)) continue;
      const top = first.offsetTop;
      if (top < pane.scrollTop || top > pane.scrollTop + pane.clientHeight - 30) {
        pane.scrollTop = top - pane.clientHeight / 3;
      }
    }
  };
  const known = new Map(rows.map((row) => [row.el, row]));
  const rowAt = (target) => {
    const el = target instanceof Element && target.closest("[data-def],[data-use],[data-of]");
    return el ? known.get(el) : undefined;
  };
  let over;
  document.addEventListener("pointerover", (event) => {
    const row = rowAt(event.target);
    if (row === over) return;
    over = row;
    if (row) light(row); else clear();
  });
  document.addEventListener("focusin", (event) => {
    const row = rowAt(event.target);
    if (row) show(row); else clear();
  });
  document.addEventListener("click", (event) => {
    const row = rowAt(event.target);
    if (row) show(row);
  });
  // One line of a pane is in the order of tabs; the arrows go on from it.
  for (const list of document.querySelectorAll(".lines")) {
    const focus = (from, to) => {
      if (!to) return;
      if (from) from.tabIndex = -1;
      to.tabIndex = 0;
      to.focus();
    };
    if (list.firstElementChild) list.firstElementChild.tabIndex = 0;
    list.addEventListener("click", (event) => {
      const item = event.target.closest("li");
      const before = list.querySelector("[tabindex='0']");
      if (item && item !== before) focus(before, item);
    });
    list.addEventListener("keydown", (event) => {
      const item = document.activeElement;
      if (!item || item.parentElement !== list) return;
      const to = {
        ArrowDown: item.nextElementSibling, ArrowUp: item.previousElementSibling,
        Home: list.firstElementChild, End: list.lastElementChild,
      }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      focus(item, to);
    });
  }
  const radios = [...document.querySelectorAll(".steps input")];
  const back = document.getElementById("back");
  const next = document.getElementById("next");
  const choose = (k) => {
    radios.forEach((radio, j) => {
      radio.checked = j === k;
      document.getElementById(radio.value).hidden = j !== k;
    });
    back.disabled = k === 0;
    next.disabled = k === radios.length - 1;
  };
  const chosen = () => radios.findIndex((radio) => radio.checked);
  radios.forEach((radio, k) => radio.addEventListener("change", () => choose(k)));
  if (radios.length) {
    back.addEventListener("click", () => choose(Math.max(0, chosen() - 1)));
    next.addEventListener("click", () => choose(Math.min(radios.length - 1, chosen() + 1)));
    choose(0);
  }
  const root = document.documentElement;
  const theme = document.getElementById("theme");
  const dark = () => root.dataset.theme
    ? root.dataset.theme === "dark"
    : matchMedia("(prefers-color-scheme: dark)").matches;
  const label = () => { theme.textContent = dark() ? "Light" : "Dark"; };
  theme.addEventListener("click", () => { root.dataset.theme = dark() ? "light" : "dark"; label(); });
  theme.hidden = false;
  label();
})();
