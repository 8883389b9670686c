// A small shop out of a seed: the figures behind the stub server. Amounts are whole micros inside and decimal text outside.
// Every window shows the same figures; what the page does with a window is not the stub's business.

const MICROS = 1_000_000n;
const NAMES = ["Brass desk lamp", "LED bulb E14", "Sencha 煎茶 100 g", "Stoneware mug, blue", "Oak chopping board", "Heather honey 250 g", "Olive oil 500 ml", "Linen napkin", "Beeswax candle", "Wool throw", "Copper kettle", "Rye crispbread"];
const CATEGORIES = ["Lighting", "Pantry", "Tea", "Tableware", "Home"];
const MINUTE = 60_000;

/** The same numbers for the same seed (mulberry32). */
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Decimal text of micros. */
export function decimal(micros) {
  const digits = String(micros < 0n ? -micros : micros).padStart(7, "0");
  const fraction = digits.slice(-6).replace(/0+$/, "").padEnd(2, "0");
  return `${micros < 0n ? "-" : ""}${digits.slice(0, -6)}.${fraction}`;
}

/** Micros of a number with at most two decimals, such as a price in a test. */
export const micros = (price) => BigInt(Math.round(price * 1000)) * (MICROS / 1000n);

const amounts = (byCurrency) => Object.fromEntries(Object.entries(byCurrency).map(([currency, value]) => [currency, decimal(value)]));
const add = (byCurrency, currency, value) => {
  byCurrency[currency] = (byCurrency[currency] ?? 0n) + value;
};

function emptyFigures() {
  return { views: 0, carts: 0, cartRemovals: 0, checkouts: 0, purchases: 0, unitsSold: 0, unitsRefunded: 0, revenue: {}, refunded: {}, profit: {}, profitKnownUnits: 0 };
}
const emptySummary = () => ({ ...emptyFigures(), orders: 0, refunds: 0, orderRevenue: {}, orderRefunded: {}, unallocatedRefunds: { count: 0, value: {} } });

/** The shop: items, sums, points by minute. */
export class Shop {
  items = new Map();
  now = emptySummary();
  before = emptySummary();
  points = [];
  version = 1;
  lastEventAt = null;

  constructor({ items = 0, seed = 7, currencies = ["EUR"], at = Date.now() } = {}) {
    this.start = Math.floor(at / MINUTE) * MINUTE;
    for (let minute = 29; minute >= 0; minute -= 1) this.points.push(this.#point(this.start - minute * MINUTE));
    const next = random(seed);
    for (let index = 0; index < items; index += 1) this.#stock(index, next, currencies, at);
    this.#rankBefore();
    if (items > 0) this.lastEventAt = new Date(at - 3_000).toISOString();
  }

  /** One purchase: counted at once, in the newest minute unless told otherwise. */
  purchase({ itemId, name = null, category = null, price = 10, quantity = 1, currency = "EUR", profit = null, point = this.points.length - 1 }, span = "now") {
    const item = this.#item(itemId, name, category);
    const worth = micros(price) * BigInt(quantity);
    for (const figures of [item[span], this[span]]) {
      figures.purchases += 1;
      figures.unitsSold += quantity;
      add(figures.revenue, currency, worth);
      if (profit !== null) {
        add(figures.profit, currency, micros(profit) * BigInt(quantity));
        figures.profitKnownUnits += quantity;
      }
    }
    this[span].orders += 1;
    add(this[span].orderRevenue, currency, worth);
    if (span === "before") return;
    const target = this.points[point];
    target.orders += 1;
    target.unitsSold += quantity;
    add(target.orderRevenue, currency, worth);
    add(target.revenue, currency, worth);
    this.#touch(item);
  }

  /** `count` events of `kind`: views, carts or checkouts. */
  look(itemId, kind, count = 1, { name = null, category = null, point = this.points.length - 1, span = "now" } = {}) {
    const item = this.#item(itemId, name, category);
    item[span][kind] += count;
    this[span][kind] += count;
    if (span === "before") return;
    if (kind in this.points[point]) this.points[point][kind] += count;
    this.#touch(item);
  }

  #touch(item) {
    item.sparkline[item.sparkline.length - 1] += 1;
    this.version += 1;
    item.version = this.version;
    this.lastEventAt = new Date().toISOString();
  }

  #point(start) {
    return { start: new Date(start).toISOString(), orders: 0, views: 0, carts: 0, unitsSold: 0, revenue: {}, orderRevenue: {} };
  }

  #item(itemId, name, category) {
    if (!this.items.has(itemId)) {
      this.items.set(itemId, { itemId, name, category, brand: null, now: emptyFigures(), before: emptyFigures(), sparkline: Array(20).fill(0), rankBefore: null, version: 0 });
    }
    return this.items.get(itemId);
  }

  #stock(index, next, currencies, at) {
    const known = NAMES[index % NAMES.length];
    const name = index < NAMES.length ? known : `${known} no. ${Math.floor(index / NAMES.length) + 1}`;
    const itemId = `SKU-${String(index + 1).padStart(4, "0")}`;
    const about = { name, category: CATEGORIES[index % CATEGORIES.length] };
    const popular = 1 / (1 + index * 0.35);
    for (const span of ["before", "now"]) {
      const views = Math.ceil(next() * 160 * popular);
      const point = () => Math.floor(next() * 30);
      for (let part = 0; part < 4; part += 1) this.look(itemId, "views", Math.ceil(views / 4), { ...about, point: point(), span });
      this.look(itemId, "carts", Math.round(views * 0.3 * next()), { ...about, point: point(), span });
      this.look(itemId, "checkouts", Math.round(views * 0.14 * next()), { ...about, point: point(), span });
      const orders = Math.round(views * 0.09 * next());
      for (let order = 0; order < orders; order += 1) {
        const price = Math.round(next() * 4000 + 590) / 100;
        const currency = currencies[Math.floor(next() ** 2 * currencies.length)];
        const profit = next() < 0.8 ? Math.round(price * 40) / 100 : null;
        this.purchase({ itemId, ...about, price: currency === "JPY" ? Math.round(price) * 100 : price, quantity: 1 + Math.floor(next() * 2), currency, profit, point: point() }, span);
      }
    }
    const item = this.items.get(itemId);
    item.sparkline = item.sparkline.map((_, step) => Math.round(next() * 9 * popular * (1 + Math.sin(step / 3 + index))));
    this.lastEventAt = new Date(at).toISOString();
  }

  #rankBefore() {
    const sorted = [...this.items.values()].sort((a, b) => Number((b.before.revenue.EUR ?? 0n) - (a.before.revenue.EUR ?? 0n)));
    sorted.forEach((item, index) => {
      item.rankBefore = item.before.views > 0 && index % 7 !== 5 ? index + 1 : null;
    });
  }

  /** The answer of /api/summary; `from` also narrows the points. */
  summary(query) {
    const window = query.get("window") ?? "30m";
    const filtered = Boolean(query.get("category"));
    const all = window === "all";
    const shown = (figures) => {
      const sums = filtered ? { ...figures, orders: null, orderRevenue: null } : figures;
      return { ...written(sums), unallocatedRefunds: { ...sums.unallocatedRefunds, value: amounts(sums.unallocatedRefunds.value) } };
    };
    const points = this.points.map((point) => ({ ...point, revenue: amounts(point.revenue), orderRevenue: amounts(point.orderRevenue) }));
    return {
      window, from: this.points[0].start, to: new Date(this.start + MINUTE).toISOString(), version: this.version, generatedAt: new Date().toISOString(),
      lastEventAt: this.lastEventAt, timeZone: "Europe/Paris", now: shown(this.now), before: all ? null : shown(this.before),
      series: { step: "minute", points: filtered ? [] : points },
    };
  }

  /** The answer of /api/items. */
  list(query) {
    const [sort, descending] = [query.get("sort") ?? "revenue", query.get("descending") !== "false"];
    const currency = query.get("currency") ?? this.#busiestCurrency();
    const words = (query.get("q") ?? "").toLowerCase();
    const wanted = [...this.items.values()].filter((item) => (!query.get("category") || item.category === query.get("category")) && `${item.name} ${item.itemId}`.toLowerCase().includes(words));
    const value = (item) => (sort === "name" ? (item.name ?? item.itemId) : sort === "revenue" || sort === "profit" ? Number(item.now[sort][currency] ?? 0n) : item.now[sort]);
    const order = (a, b) => (value(a) < value(b) ? -1 : value(a) > value(b) ? 1 : 0) * (descending ? -1 : 1) || (a.itemId < b.itemId ? -1 : 1);
    const rows = wanted.sort(order).slice(0, Number(query.get("limit") ?? 50));
    const all = query.get("window") === "all";
    const items = rows.map((item, index) => ({
      itemId: item.itemId, name: item.name, category: item.category, brand: item.brand, price: null, rank: index + 1, rankBefore: all ? null : item.rankBefore,
      now: written(item.now), before: all ? null : written(item.before), sparkline: item.sparkline, changedAt: item.version,
    }));
    const categories = [...new Set([...this.items.values()].map((item) => item.category).filter(Boolean))].sort();
    const currencies = Object.keys(this.now.revenue).sort();
    return { window: query.get("window") ?? "30m", version: this.version, total: wanted.length, items, categories, currencies, sortCurrency: currency };
  }

  #busiestCurrency() {
    return Object.keys(this.now.revenue).sort()[0] ?? null;
  }
}

function written(figures) {
  const names = ["revenue", "refunded", "profit", "orderRevenue", "orderRefunded"].filter((name) => figures[name]);
  return { ...figures, ...Object.fromEntries(names.map((name) => [name, amounts(figures[name])])) };
}
