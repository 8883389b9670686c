// What the reader chose (window, filters, sorting, how many rows, which view), kept in the address, so that a reload, a
// bookmark and the back button bring the same picture. What is as it comes is left out of the address.

/** What a fresh page shows. */
export const DEFAULTS = Object.freeze({
  view: "shop",
  window: "30m",
  sort: "revenue",
  descending: true,
  category: "",
  currency: "",
  q: "",
  limit: 50,
  measure: "",
  event: "",
});

const ALLOWED = {
  view: ["shop", "deliveries"],
  window: ["5m", "30m", "60m", "today", "all"],
  sort: ["revenue", "profit", "unitsSold", "views", "carts", "name"],
};

/** How many rows "show more" goes through; the last is the most that the server gives. */
export const LIMITS = [50, 200, 800, 2000];

/** Reads the choices out of an address' query; what makes no sense is as it comes. */
export function readState(search) {
  const query = new URLSearchParams(search);
  const state = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS)) {
    const value = query.get(name);
    if (value === null || (ALLOWED[name] && !ALLOWED[name].includes(value))) continue;
    if (name === "descending") state.descending = value !== "false";
    else if (name === "limit") state.limit = LIMITS.find((limit) => limit >= Number(value)) ?? 2000;
    else state[name] = value;
  }
  return state;
}

/** The query that `readState` reads back. */
export function writeState(state) {
  const query = new URLSearchParams();
  for (const [name, usual] of Object.entries(DEFAULTS)) {
    if (state[name] !== usual) query.set(name, String(state[name]));
  }
  const text = query.toString();
  return text ? `?${text}` : "";
}

/** The query of the page's API that answers these choices. */
export function apiQuery(state, names = ["window", "sort", "descending", "limit", "category", "currency", "q"]) {
  const query = new URLSearchParams();
  for (const name of names) if (state[name] !== "") query.set(name, String(state[name]));
  return query.toString();
}
