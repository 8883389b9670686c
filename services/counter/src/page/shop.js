// The merchandiser's view: what there is to show, and what to say when there is nothing.

import { byId, element, patchList, setAttribute, setText } from "./dom.js";
import { Chart, measuresOf, seriesTable } from "./chart.js";
import { FigureStrip } from "./figures.js";
import { SPAN_BEFORE, currenciesOf } from "./format.js";
import { Funnel } from "./funnel.js";
import { LIMITS } from "./state.js";
import { ItemTable } from "./table.js";

const WINDOW_WORDS = { "5m": "the last 5 minutes", "30m": "the last 30 minutes", "60m": "the last 60 minutes", today: "today", all: "all time" };

/** Draws the shop's view; `choose` takes what the reader chooses in it. */
export class ShopView {
  #formats;
  #figures;
  #funnel;
  #chart;
  #table;
  #limit = LIMITS[0];

  constructor(formats, choose) {
    this.#formats = formats;
    this.#figures = new FigureStrip(byId("figures"), formats);
    this.#funnel = new Funnel(byId("funnel"), byId("funnel-total"), formats);
    this.#chart = new Chart(byId("chart"), formats);
    this.#table = new ItemTable(byId("items"), formats, (sort, descending) => choose({ sort, descending }));
    byId("more").addEventListener("click", () => choose({ limit: LIMITS.find((limit) => limit > this.#limit) ?? LIMITS.at(-1) }));
    byId("chart-table").addEventListener("toggle", () => this.#drawTable());
    setText(byId("command"), firstCommand(location.hostname));
    byId("copy").addEventListener("click", copyCommand);
  }

  /** Shows the model; `still` that nothing shall flash. */
  update(model, state, still) {
    const { summary } = model;
    this.#limit = state.limit;
    this.#first = state.currency || model.sortCurrency;
    this.#nothing(model, state);
    this.#figures.update(summary, this.#first, state.currency);
    this.#funnel.update(summary.now, state.currency);
    this.#unallocated(summary.now.unallocatedRefunds);
    this.#drawChart(model, state);
    this.#table.update(model, state, still);
    this.#count(model, state);
  }

  #first = null;
  #drawn = null;

  #nothing(model, state) {
    const { now } = model.summary;
    const filtered = state.q || state.category || state.currency;
    const busy = now.views + now.carts + now.checkouts + now.purchases + now.unitsRefunded + (now.orders ?? 0) + (now.refunds ?? 0) + (now.unallocatedRefunds?.count ?? 0) > 0;
    const never = !model.lastEventAt && !busy && !filtered;
    const quiet = !never && !busy && model.total === 0 && !filtered;
    byId("empty").hidden = !never;
    byId("quiet").hidden = !quiet;
    byId("board").hidden = never || quiet;
    byId("no-match").hidden = model.total > 0 || never || quiet;
    byId("items").hidden = model.total === 0;
    if (!quiet) return;
    const age = model.lastEventAt ? ` The last event was ${this.#formats.age(model.serverNow() - Date.parse(model.lastEventAt))} ago.` : "";
    setText(byId("quiet-words"), `No event with items in ${WINDOW_WORDS[state.window]}.${age}`);
    byId("wider").hidden = state.window === "today" || state.window === "all";
  }

  #unallocated(refunds) {
    const line = byId("unallocated");
    line.hidden = !refunds?.count;
    if (line.hidden) return;
    const amounts = currenciesOf(this.#first, refunds.value).map((currency) => this.#formats.money(refunds.value[currency], currency));
    const worth = amounts.length ? `, ${amounts.join(" and ")},` : "";
    const [refundWord, verb, whose] = refunds.count === 1 ? ["refund", "is", "its purchase is"] : ["refunds", "are", "their purchases are"];
    setText(line, `${this.#formats.count(refunds.count)} ${refundWord}${worth} ${verb} in no figure above: ${whose} not known here.`);
  }

  #drawChart(model, state) {
    const { series, timeZone, now, before, window, from, to } = model.summary;
    const without = !series || series.points.length === 0;
    byId("chart-whole").hidden = without;
    byId("measure").closest("label").hidden = without;
    setAttribute(byId("chart-note"), "hidden", !without);
    const words = series?.step === "quarter" ? "By quarter of an hour" : "By minute";
    setText(byId("chart-title"), window === "all" ? "Last 24 hours, by quarter of an hour" : words);
    const against = SPAN_BEFORE[window] ? `, against ${SPAN_BEFORE[window]}` : "";
    setText(byId("span"), window === "all" ? "Everything counted so far" : `${this.#formats.clock(from, timeZone)} to ${this.#formats.clock(to, timeZone)}${against}`);
    if (without) return setText(byId("chart-note"), "An order has no category, so there is no chart while a category is chosen.");
    const currencies = currenciesOf(this.#first, now.orderRevenue, before?.orderRevenue, ...series.points.map((point) => point.orderRevenue));
    const measures = measuresOf(currencies, this.#formats, state.currency);
    const measure = measures.find(({ id }) => id === state.measure) ?? measures[0];
    patchList(byId("measure"), measures, () => element("option"), (option, { id, title }) => {
      if (option.value !== id) option.value = id;
      setText(option, title);
    });
    if (byId("measure").value !== measure.id) byId("measure").value = measure.id;
    this.#chart.update(series, measure, timeZone);
    this.#drawn = { series, measures, timeZone };
    return this.#drawTable();
  }

  #drawTable() {
    if (!byId("chart-table").open || !this.#drawn) return;
    const { series, measures, timeZone } = this.#drawn;
    seriesTable(byId("chart-table").querySelector("table"), series, measures, this.#formats, timeZone);
  }

  #count({ total, order }, { limit, currency }) {
    const { count } = this.#formats;
    const words = total === order.length ? (total === 1 ? "1 item" : `${count(total)} items`) : `${count(order.length)} of ${count(total)} items`;
    setText(byId("items-count"), currency ? `${words}, counts in all currencies` : words);
    const more = total > order.length && limit < LIMITS.at(-1);
    byId("more").hidden = !more;
    const next = LIMITS.find((candidate) => candidate > limit) ?? limit;
    if (more) setText(byId("more"), `Show ${count(Math.min(next, total))}`);
  }
}

/** The page's title: the revenue, so that a tab in the background tells. */
export function titleOf({ summary, sortCurrency }, { currency }, formats) {
  const amounts = summary.now.orderRevenue ?? summary.now.revenue ?? {};
  const words = currenciesOf(currency || sortCurrency, amounts).map((code) => formats.money(amounts[code], code));
  return words.length ? `${words.join(" · ")} – Talaria` : "Talaria";
}

function firstCommand(host) {
  const publisher = `http://${host || "127.0.0.1"}:8080`;
  const event = {
    eventType: "purchase", eventId: "try-1", userId: "cust-1",
    data: { transactionId: "TRY-1", value: 184.5, currency: "EUR", items: [{ item_id: "LAMP-07", item_name: "Brass Desk Lamp", price: 184.5, quantity: 1 }] },
  };
  return `curl -i ${publisher}/publish-event -H 'Content-Type: application/json' -d '${JSON.stringify(event)}'`;
}

async function copyCommand() {
  const copied = await navigator.clipboard?.writeText(byId("command").textContent).then(() => true, () => false);
  setText(byId("copied"), copied ? "Copied." : "Not allowed here: select the command and copy it.");
}
