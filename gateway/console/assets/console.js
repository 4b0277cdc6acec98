// What has to work in the browser alone: the theme, single keys, the language switch for a page whose address moved,
// short addresses of what was filtered, and what a printed page says of itself.
(() => {
  const root = document.documentElement;
  const stored = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const store = (name, value) => { try { localStorage.setItem(name, value); } catch { /* private window */ } };
  const theme = stored("theme");
  if (theme) root.dataset.theme = theme;

  const isDark = () => (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
  const keys = () => document.querySelector("dialog.keys");

  document.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    if (at("button.theme")) {
      root.dataset.theme = isDark() ? "light" : "dark";
      store("theme", root.dataset.theme);
    } else if (at('[data-key="?"]')) {
      keys().querySelector(".keys-on").checked = stored("keys") !== "off";
      keys().showModal();
    } else if (at("a[data-language]")) {
      event.preventDefault();
      const language = at("a[data-language]").dataset.language;
      location.href = location.pathname.replace(/^\/(en|zh)(?=\/|$)/, "/" + language) + location.search;
    }
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches?.(".keys-on")) store("keys", event.target.checked ? "on" : "off");
  });

  // What was left empty does not stand in the address.
  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("form.filter")) return;
    for (const [name, value] of [...event.formData]) if (!value) event.formData.delete(name);
  });

  // Paper has no links: it gets their addresses, and its own at the foot of each sheet, else at the end.
  const sheets = document.createElement("style");
  addEventListener("beforeprint", () => {
    const foot = document.querySelector(".printed");
    if (!foot) return;
    foot.querySelector(".from").textContent = location.href;
    for (const chip of document.querySelectorAll("a.chip")) chip.dataset.address = chip.href;
    const text = [...foot.children].map((part) => part.textContent).filter(Boolean).join(" · ");
    const boxes = "CSSMarginRule" in window;
    root.classList.toggle("sheets", boxes);
    if (boxes) {
      sheets.textContent = `@page { @bottom-left { content: ${JSON.stringify(text)}; font-size: 8pt; }`
        + ` @bottom-right { content: counter(page) "/" counter(pages); font-size: 8pt; white-space: nowrap; } }`;
      document.head.append(sheets);
    }
  });

  // No key signs or acknowledges anything; each only does what a link or button on the page does.
  let go = -Infinity;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || stored("keys") === "off" || keys()?.open) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    const wasGo = performance.now() - go < 1500;
    go = event.key === "g" ? performance.now() : -Infinity;
    const goal = wasGo && document.querySelector(`a[data-go="${CSS.escape(event.key)}"]`);
    const button = document.querySelector(`[data-key~="${CSS.escape(event.key)}"]:not([hidden])`);
    if (goal) goal.click();
    else if (button) {
      event.preventDefault();
      if (button.matches("input")) button.focus();
      else button.click();
    }
    else if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
  });

  function step(by) {
    const rows = [...document.querySelectorAll("main tr a, main li a")].filter(
      (link, at, all) => all.findIndex((other) => other.closest("tr, li") === link.closest("tr, li")) === at,
    );
    const now = rows.indexOf(document.activeElement);
    rows[Math.max(0, Math.min(rows.length - 1, now < 0 ? 0 : now + by))]?.focus();
  }
})();
