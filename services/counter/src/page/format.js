// Numbers, money, times and differences in the reader's own locale. Amounts come as decimal text and stay text: they are
// never turned into a float to be shown, and are subtracted as whole micros. Only shares and lengths of bars are floats.

/** The reader's locales; `undefined` where there is no browser. */
const readersLocale = () => (typeof navigator === "undefined" ? undefined : navigator.languages?.slice());

/** What ISO 4217 calls "no currency": the event named none. */
export const NO_CURRENCY = "XXX";
const MICROS_DIGITS = 6;

/** Makes all formatters of one locale; formatters are kept, for making one is slow. */
export function formatsOf(locale = readersLocale()) {
  const kept = new Map();
  const numbers = (key, options) => {
    if (!kept.has(key)) kept.set(key, new Intl.NumberFormat(locale, options));
    return kept.get(key);
  };
  const dates = (key, options) => {
    if (!kept.has(key)) kept.set(key, new Intl.DateTimeFormat(locale, options));
    return kept.get(key);
  };

  const count = (value) => numbers("count", { maximumFractionDigits: 3 }).format(value);
  const signedCount = (value) =>
    numbers("signed", { maximumFractionDigits: 3, signDisplay: "exceptZero" }).format(value);
  const share = (value) =>
    numbers(value < 0.1 ? "share1" : "share0", {
      style: "percent",
      maximumFractionDigits: value < 0.1 ? 1 : 0,
    }).format(value);

  const money = (decimal, currency, { signed = false, short = false, exact = false } = {}) => {
    const options = { signDisplay: signed ? "exceptZero" : "negative" };
    if (short) Object.assign(options, { notation: "compact", maximumFractionDigits: 1 });
    if (exact && fractionDigits(decimal) > 2) options.maximumFractionDigits = MICROS_DIGITS;
    const key = `${currency} ${JSON.stringify(options)}`;
    if (currency === NO_CURRENCY) {
      const plain = { minimumFractionDigits: short ? 0 : 2, maximumFractionDigits: 2, ...options };
      return `${numbers(key, plain).format(decimal)} (no currency)`;
    }
    const style = { style: "currency", currency, currencyDisplay: "narrowSymbol", ...options };
    return numbers(key, style).format(decimal);
  };

  const clock = (time, timeZone) =>
    dates(`clock ${timeZone}`, { hour: "2-digit", minute: "2-digit", timeZone }).format(new Date(time));
  const moment = (time, timeZone) =>
    dates(`moment ${timeZone}`, { dateStyle: "medium", timeStyle: "medium", timeZone }).format(new Date(time));

  const age = (milliseconds) => {
    const seconds = Math.max(0, Math.floor(milliseconds / 1000));
    const [value, unit] = ageUnit(seconds);
    return numbers(unit, { style: "unit", unit, unitDisplay: unit === "day" ? "long" : "short" }).format(value);
  };
  const milliseconds = (value) =>
    value >= 1000
      ? numbers("s", { style: "unit", unit: "second", maximumFractionDigits: 1 }).format(value / 1000)
      : numbers("ms", { style: "unit", unit: "millisecond", maximumFractionDigits: 0 }).format(value);

  return { count, signedCount, percent: share, share, money, clock, moment, age, milliseconds };
}

function ageUnit(seconds) {
  if (seconds < 120) return [seconds, "second"];
  if (seconds < 7200) return [Math.floor(seconds / 60), "minute"];
  if (seconds < 172800) return [Math.floor(seconds / 3600), "hour"];
  return [Math.floor(seconds / 86400), "day"];
}

const fractionDigits = (decimal) => (String(decimal).split(".")[1] ?? "").length;

/** Whole micros of a decimal text, as a BigInt. */
export function micros(decimal) {
  const [, sign, whole, fraction = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(String(decimal)) ?? [null, "", "0"];
  const value = BigInt(whole + fraction.slice(0, MICROS_DIGITS).padEnd(MICROS_DIGITS, "0"));
  return sign ? -value : value;
}

/** The decimal text of whole micros. */
export function decimalOf(value) {
  const digits = String(value < 0n ? -value : value).padStart(MICROS_DIGITS + 1, "0");
  const fraction = digits.slice(-MICROS_DIGITS).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${digits.slice(0, -MICROS_DIGITS)}${fraction ? `.${fraction}` : ""}`;
}

/** Every currency of these amounts: the one that the reader asked for or that has most in it first, then by name. */
export function currenciesOf(first, ...amounts) {
  const all = new Set(amounts.flatMap((byCurrency) => Object.keys(byCurrency ?? {})));
  return [...all].sort((a, b) => (b === first) - (a === first) || a.localeCompare(b));
}

/**
 * How two figures differ, in a sign and in words: `{direction: "more"|"less"|"same"|"first", text}`.
 * `now` and `before` are BigInt micros or whole numbers; `write` shows their difference with its sign.
 */
export function difference(now, before, write, percent) {
  if (now === before) return { direction: "same", text: "unchanged" };
  const direction = now > before ? "more" : "less";
  const change = write(typeof now === "bigint" ? decimalOf(now - before) : now - before);
  const ratio = (Number(now) - Number(before)) / Math.abs(Number(before));
  if (Number(before) === 0) return { direction: direction === "more" ? "first" : "less", text: `${change}, none before` };
  if (Math.abs(ratio) >= 10 || Number(before) < 0) return { direction, text: `${change} ${direction}` };
  return { direction, text: `${change}, ${percent(Math.abs(ratio))} ${direction}` };
}

/** What the span before is called. */
export const SPAN_BEFORE = {
  "5m": "the 5 min before",
  "30m": "the 30 min before",
  "60m": "the 60 min before",
  today: "yesterday by this time",
  all: null,
};
