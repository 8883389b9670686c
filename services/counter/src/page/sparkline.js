// A line of twenty steps: when within the window an item was busy. It shows a shape, not figures, so each has a scale of
// its own; in words it says where the most of it was.

import { setAttribute, vector } from "./dom.js";

const WIDTH = 96;
const HEIGHT = 24;

/** An empty line; `drawSparkline` fills it. */
export function makeSparkline() {
  const options = { class: "sparkline", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img" };
  return vector("svg", options, vector("path", { class: "area" }), vector("path", { class: "line" }));
}

/** Draws these values, oldest first. */
export function drawSparkline(picture, values) {
  const most = Math.max(1, ...values);
  const step = WIDTH / Math.max(1, values.length - 1);
  const places = values.map((value, index) => `${(index * step).toFixed(1)},${(HEIGHT - 2 - (value / most) * (HEIGHT - 5)).toFixed(1)}`);
  const path = places.length ? `M${places.join("L")}` : "";
  setAttribute(picture.children[0], "d", path && `${path}L${WIDTH},${HEIGHT}L0,${HEIGHT}Z`);
  setAttribute(picture.children[1], "d", path);
  setAttribute(picture, "aria-label", inWords(values));
}

function inWords(values) {
  const total = values.reduce((sum, value) => sum + value, 0);
  if (total === 0) return "no activity in the window";
  const third = Math.ceil(values.length / 3);
  const late = values.slice(-third).reduce((sum, value) => sum + value, 0);
  const early = values.slice(0, third).reduce((sum, value) => sum + value, 0);
  if (late > early * 1.25) return "activity rising";
  return late < early * 0.8 ? "activity falling" : "activity steady";
}
