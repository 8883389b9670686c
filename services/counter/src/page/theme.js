// Light or dark, before anything is painted: what the reader chose last, else what the system prefers. A plain script, not a
// module, because modules wait until the page is read and the wrong colours would flash.

(() => {
  const KEY = "talaria-theme";
  const system = window.matchMedia("(prefers-color-scheme: dark)");
  let chosen = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden; a choice then lasts as long as the page.
  }
  const apply = () => {
    const theme = chosen ?? (system.matches ? "dark" : "light");
    document.documentElement.dataset.theme = theme;
    document.dispatchEvent(new CustomEvent("talaria-theme", { detail: theme }));
  };
  const remember = () => {
    try {
      if (chosen === null) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, chosen);
    } catch {
      // As above.
    }
  };
  window.talariaTheme = {
    toggle: () => {
      const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
      chosen = next === (system.matches ? "dark" : "light") ? null : next;
      remember();
      apply();
    },
  };
  system.addEventListener("change", apply);
  apply();
})();
