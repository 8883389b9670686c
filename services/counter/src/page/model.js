// What the server last said, put together from a snapshot and the deltas after it. Holds no more than the server's last
// answer did: rows that left the list are let go, so a page that stays open for weeks does not grow.

const DAY_MS = 24 * 3_600_000;

/** The page's copy of summary and items. */
export class Model {
  summary = null;
  /** Item by id. */
  items = new Map();
  /** Ids in the order in which they are shown. */
  order = [];
  total = 0;
  categories = [];
  currencies = [];
  sortCurrency = null;
  /** The server's clock less this browser's, in milliseconds. */
  #clockAhead = 0;
  lastEventAt = null;
  store = "ok";

  /** Takes a whole new picture. */
  snapshot({ summary, items }) {
    this.summary = summary;
    this.items = new Map(items.items.map((item) => [item.itemId, item]));
    this.order = items.items.map((item) => item.itemId);
    this.total = items.total;
    this.categories = items.categories ?? [];
    this.currencies = items.currencies ?? [];
    this.sortCurrency = items.sortCurrency ?? null;
    this.#learnTime(summary);
  }

  /** Takes what changed; false if something is missing, and a fresh snapshot is needed. */
  delta({ summary, items }) {
    if (!this.summary) return false;
    if (summary) this.#takeSummary(summary);
    return items ? this.#takeItems(items) : true;
  }

  /** Takes the server's sign of life. */
  status(status) {
    this.store = status.store;
    this.#learnTime(status);
  }

  /** The server's time now, in milliseconds. */
  serverNow() {
    return Date.now() + this.#clockAhead;
  }

  #takeSummary(summary) {
    const { point, points, series, ...rest } = summary;
    const merged = mergePoints(this.summary.series, [point ?? points ?? []].flat(), { ...this.summary, ...rest });
    this.summary = { ...this.summary, ...rest, series: series ?? merged };
    this.#learnTime(summary);
  }

  #takeItems({ total, order, changed, sortCurrency, categories, currencies }) {
    for (const item of changed ?? []) this.#takeItem(item);
    this.total = total ?? this.total;
    this.sortCurrency = sortCurrency ?? this.sortCurrency;
    this.categories = categories ?? this.categories;
    this.currencies = currencies ?? this.currencies;
    if (!order) return true;
    const listed = new Set(order);
    for (const id of this.items.keys()) if (!listed.has(id)) this.items.delete(id);
    this.order = order.filter((id) => this.items.has(id));
    return this.order.length === order.length;
  }

  #takeItem(item) {
    this.items.set(item.itemId, item);
    if (item.category && !this.categories.includes(item.category)) {
      this.categories = [...this.categories, item.category].sort();
    }
    const fresh = Object.keys(item.now?.revenue ?? {}).filter((currency) => !this.currencies.includes(currency));
    if (fresh.length) this.currencies = [...this.currencies, ...fresh].sort();
  }

  #learnTime({ generatedAt, lastEventAt }) {
    if (generatedAt) this.#clockAhead = Date.parse(generatedAt) - Date.now();
    if (lastEventAt !== undefined) this.lastEventAt = lastEventAt;
  }
}

/** Puts newer points into a series, and lets go of those before the window: for all time, of those older than a day. */
export function mergePoints(series, points, { from, to }) {
  if (!series?.step) return series;
  const byStart = new Map(series.points.map((point) => [Date.parse(point.start), point]));
  for (const point of points) byStart.set(Date.parse(point.start), point);
  const oldest = from ? Date.parse(from) : Date.parse(to) - DAY_MS;
  const starts = [...byStart.keys()].filter((start) => start >= oldest).sort((a, b) => a - b);
  return { ...series, points: starts.map((start) => byStart.get(start)) };
}
