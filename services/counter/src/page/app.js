// Wires the page: what the reader chooses goes into the address and to the server; what the server says goes into the model
// and, once a frame at most, onto the page. The title follows at once, because a hidden tab paints no frames.

import { setAttribute, byId } from "./dom.js";
import { formatsOf } from "./format.js";
import { bindControls } from "./controls.js";
import { Deliveries } from "./deliveries.js";
import { LinkSign } from "./link.js";
import { Model } from "./model.js";
import { ShopView, titleOf } from "./shop.js";
import { apiQuery, readState, writeState } from "./state.js";
import { LiveStream } from "./stream.js";

const formats = formatsOf();
const model = new Model();
let state = readState(location.search);
let painted = true;
let fresh = true;

const shop = new ShopView(formats, choose);
const sign = new LinkSign(formats, () => stream.reopen());
const deliveries = new Deliveries(formats, () => model.serverNow(), choose);
const stream = new LiveStream({
  snapshot: (data) => {
    model.snapshot(data);
    fresh = true;
    changed();
  },
  delta: (data) => {
    if (model.delta(data)) changed();
    else stream.reopen();
  },
  status: (data) => {
    model.status(data);
    tick();
  },
  link: (link) => {
    sign.link(link);
    tick();
  },
});

/** Takes a change of the reader's choices; `step` makes the back button come back to where he was. */
function choose(change, { step = false } = {}) {
  const before = apiQuery(state);
  state = { ...state, ...change };
  const address = `${location.pathname}${writeState(state)}`;
  if (step) history.pushState(null, "", address);
  else history.replaceState(null, "", address);
  show(before);
}

function show(before) {
  const shown = state.view === "shop";
  setAttribute(document.documentElement, "data-view", state.view);
  byId("shop").hidden = !shown;
  byId("deliveries").hidden = shown;
  setAttribute(byId("view-shop"), "aria-current", shown && "page");
  setAttribute(byId("view-deliveries"), "aria-current", !shown && "page");
  deliveries.show(!shown, state);
  controls.show(state);
  if (apiQuery(state) === before) return changed();
  setAttribute(byId("board"), "aria-busy", "true");
  return stream.follow(`/api/stream?${apiQuery(state)}`);
}

function changed() {
  if (model.summary) document.title = titleOf(model, state, formats);
  if (!painted) return;
  painted = false;
  requestAnimationFrame(paint);
}

function paint() {
  painted = true;
  if (!model.summary) return;
  setAttribute(byId("board"), "aria-busy", null);
  controls.offer(model);
  shop.update(model, state, fresh);
  fresh = false;
  tick();
}

/** What moves with time alone: ages. */
function tick() {
  sign.tick(model, stream.lastHeardAt);
}

const controls = bindControls(choose);
window.addEventListener("popstate", () => {
  const before = apiQuery(state);
  state = readState(location.search);
  show(before);
});
setInterval(tick, 1_000);
show(null);
