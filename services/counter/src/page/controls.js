// The reader's controls: window, filters, search, sorting on a phone, the two views and the colours.

import { byId, element, patchList, setAttribute, setText } from "./dom.js";
import { apiQuery, writeState } from "./state.js";

const SEARCH_WAIT_MS = 250;
const SORTS = [
  ["revenue true", "Most revenue"],
  ["profit true", "Most profit"],
  ["unitsSold true", "Most units"],
  ["views true", "Most views"],
  ["carts true", "Most carts"],
  ["name false", "Name"],
];

/** Binds the controls to `choose`; returns what brings them in line with choices and with what can be chosen. */
export function bindControls(choose) {
  for (const radio of document.querySelectorAll("input[name=window]")) {
    radio.addEventListener("change", () => choose({ window: radio.value }, { step: true }));
  }
  byId("controls").addEventListener("submit", (event) => event.preventDefault());
  byId("category").addEventListener("change", (event) => choose({ category: event.target.value }, { step: true }));
  byId("currency").addEventListener("change", (event) => choose({ currency: event.target.value }, { step: true }));
  byId("measure").addEventListener("change", (event) => choose({ measure: event.target.value }));
  byId("clear").addEventListener("click", () => choose({ q: "", category: "", currency: "" }, { step: true }));
  byId("wider").addEventListener("click", () => choose({ window: "today" }, { step: true }));
  bindSort(choose);
  bindSearch(choose);
  bindViews(choose);
  bindTheme();
  return { show, offer };
}

function bindSort(choose) {
  const select = byId("sort");
  select.append(...SORTS.map(([value, title]) => element("option", { value }, title)));
  select.addEventListener("change", () => {
    const [sort, descending] = select.value.split(" ");
    choose({ sort, descending: descending === "true" });
  });
}

function bindSearch(choose) {
  let waiting = null;
  byId("search").addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => choose({ q: event.target.value.trim() }), SEARCH_WAIT_MS);
  });
}

function bindViews(choose) {
  for (const view of ["shop", "deliveries"]) {
    byId(`view-${view}`).addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      choose({ view }, { step: true });
    });
  }
}

function bindTheme() {
  const name = () => {
    const dark = document.documentElement.dataset.theme === "dark";
    setText(byId("theme"), dark ? "Light" : "Dark");
    setAttribute(byId("theme"), "aria-label", dark ? "Use light colours" : "Use dark colours");
  };
  byId("theme").addEventListener("click", () => window.talariaTheme.toggle());
  document.addEventListener("talaria-theme", name);
  name();
}

function show(state) {
  for (const radio of document.querySelectorAll("input[name=window]")) radio.checked = radio.value === state.window;
  select(byId("category"), state.category);
  select(byId("currency"), state.currency);
  const chosen = `${state.sort} ${state.descending}`;
  if ([...byId("sort").options].some((option) => option.value === chosen)) byId("sort").value = chosen;
  else byId("sort").selectedIndex = -1;
  if (document.activeElement !== byId("search")) byId("search").value = state.q;
  setAttribute(byId("csv"), "href", `/api/export.csv?${apiQuery(state, ["window", "sort", "descending", "category", "currency", "q"])}`);
  setAttribute(byId("view-shop"), "href", writeState({ ...state, view: "shop" }) || "?");
  setAttribute(byId("view-deliveries"), "href", writeState({ ...state, view: "deliveries" }));
}

/** Offers what occurs; what is chosen stays on offer even when it does not occur just now. */
function offer({ categories, currencies }) {
  for (const [id, values] of [["category", categories], ["currency", currencies]]) {
    const list = byId(id);
    const chosen = list.value;
    const offered = chosen && !values.includes(chosen) ? [...values, chosen] : values;
    const options = [["", list.options[0].textContent], ...offered.map((value) => [value, value])];
    patchList(list, options, () => element("option"), (option, [value, text]) => {
      if (option.value !== value || !option.hasAttribute("value")) option.value = value;
      setText(option, text);
    });
    select(list, chosen);
  }
}

function select(list, value) {
  if (![...list.options].some((option) => option.value === value)) list.append(element("option", { value }, value));
  if (list.value !== value) list.value = value;
}
