// Where marks go on the chart's axes.

const STEPS = [1, 2, 2.5, 5, 10];

/** Round marks from 0 up to at least `most`: about `wanted` of them; whole ones where `whole` is asked for. */
export function marks(most, wanted = 4, whole = false) {
  if (!(most > 0)) return [0, 1];
  const raw = most / wanted;
  const power = 10 ** Math.floor(Math.log10(raw));
  let step = power * STEPS.find((candidate) => candidate * power >= raw * 0.999);
  if (whole) step = Math.max(1, Math.ceil(step));
  const count = Math.ceil(most / step - 1e-9);
  return Array.from({ length: count + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Round marks from `least` (0 or below) to `most` (0 or above), with 0 among them. */
export function marksBetween(least, most, wanted = 4, whole = false) {
  const step = marks(Math.max(most, -least), wanted, whole)[1];
  const below = Math.ceil(-least / step - 1e-9);
  const above = Math.max(Math.ceil(most / step - 1e-9), below === 0 ? 1 : 0);
  return Array.from({ length: below + above + 1 }, (_, index) => Number(((index - below) * step).toPrecision(12)));
}

/** Which of `count` points get a label, so that labels stand at least `apart` pixels from each other. */
export function labelled(starts, width, apart, timeZone) {
  const minutes = starts.map((start) => minuteOfDay(start, timeZone));
  const each = starts.length > 1 ? (Date.parse(starts[1]) - Date.parse(starts[0])) / 60_000 : 1;
  const room = Math.max(1, Math.floor(width / apart));
  const every = [1, 5, 10, 15, 30, 60, 120, 180, 240, 360, 720].find((step) => (starts.length * each) / step <= room) ?? 1440;
  return minutes.flatMap((minute, index) => (minute % every === 0 ? [index] : []));
}

const formats = new Map();

function minuteOfDay(start, timeZone) {
  if (!formats.has(timeZone)) {
    formats.set(timeZone, new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone }));
  }
  const [hour, minute] = formats.get(timeZone).format(new Date(start)).split(":").map(Number);
  return hour * 60 + minute;
}
