// A stand-in for the counter: serves the page's own files and its API out of a seeded shop, with a stream that tests can cut,
// silence and move. `node stub.mjs --items 200 --port 8099 --move` is for looking at the page while working on it.

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { Shop } from "./stub_shop.mjs";
import { deadLetters, destinations, journey, replay } from "./stub_operators.mjs";

const PAGE = new URL("../../src/page/", import.meta.url);
const TYPES = { html: "text/html; charset=utf-8", css: "text/css", js: "text/javascript", svg: "image/svg+xml" };
const POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

/** Starts a server; `shop` may be handed in or made from its options. */
export async function startStub({ shop = null, port = 0, ...options } = {}) {
  const stub = new Stub(shop ?? new Shop(options));
  await new Promise((resolve) => stub.server.listen(port, "127.0.0.1", resolve));
  stub.url = `http://127.0.0.1:${stub.server.address().port}`;
  return stub;
}

class Stub {
  server = createServer((request, response) => this.#answer(request, response).catch((error) => problem(response, 500, error.message)));
  /** What was asked for, oldest first: method and address. */
  requests = [];
  /** Bodies of replays. */
  replays = [];
  #streams = new Set();
  #refuse = false;

  constructor(shop) {
    this.shop = shop;
  }

  /** Tells every stream what changed since its last delta. */
  push() {
    for (const stream of this.#streams) {
      const summary = this.shop.summary(stream.query);
      const { items, categories, currencies, ...list } = this.shop.list(stream.query);
      const changed = items.filter(({ changedAt, itemId, rank }) => changedAt > stream.version || stream.ranks.get(itemId) !== rank);
      stream.version = this.shop.version;
      stream.ranks = ranksOf(items);
      const { series, ...rest } = summary;
      send(stream, "delta", { summary: { ...rest, point: series.points.at(-1) ?? null }, items: { ...list, order: items.map(({ itemId }) => itemId), changed } });
    }
  }

  /** Sends a sign of life, or tells that the store is gone. */
  status(store = "ok") {
    const data = { store, lastEventAt: this.shop.lastEventAt, generatedAt: new Date().toISOString(), streams: this.#streams.size };
    for (const stream of this.#streams) send(stream, "status", data);
  }

  /** Ends every stream and refuses new ones, until `mend`. */
  cut() {
    this.#refuse = true;
    for (const stream of this.#streams) stream.response.destroy();
  }

  /** Lets streams in again. */
  mend() {
    this.#refuse = false;
  }

  /** How many streams are open. */
  get streams() {
    return this.#streams.size;
  }

  async close() {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #answer(request, response) {
    const { pathname, searchParams: query } = new URL(request.url, "http://stub");
    this.requests.push(`${request.method} ${request.url}`);
    response.setHeader("content-security-policy", POLICY);
    response.setHeader("x-content-type-options", "nosniff");
    if (pathname === "/") return file(response, "index.html");
    if (pathname.startsWith("/assets/")) return file(response, pathname.slice(8));
    if (pathname === "/api/stream") return this.#stream(request, response, query);
    if (pathname === "/api/summary") return json(response, this.shop.summary(query));
    if (pathname === "/api/items") return json(response, this.shop.list(query));
    if (pathname === "/api/export.csv") return csv(response);
    if (pathname === "/api/destinations") return json(response, destinations());
    if (pathname === "/api/dead-letters/replay") return json(response, replay(await this.#body(request)));
    if (pathname === "/api/dead-letters") return json(response, { deadLetters: deadLetters.filter(({ reason }) => !query.get("reason") || query.get("reason") === reason) });
    if (pathname.startsWith("/api/dead-letters/")) return json(response, deadLetters.find(({ id }) => pathname.endsWith(id)));
    const known = pathname.startsWith("/api/events/") ? journey(decodeURIComponent(pathname.slice(12))) : null;
    return known ? json(response, known) : problem(response, 404, "Nothing is known of it.");
  }

  async #body(request) {
    const parts = [];
    for await (const part of request) parts.push(part);
    const body = JSON.parse(Buffer.concat(parts).toString());
    this.replays.push(body);
    return body;
  }

  #stream(request, response, query) {
    if (this.#refuse) return problem(response, 503, "Too many streams.");
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write("retry: 500\n\n");
    const items = this.shop.list(query);
    const stream = { response, query, version: this.shop.version, ranks: ranksOf(items.items) };
    this.#streams.add(stream);
    request.on("close", () => this.#streams.delete(stream));
    return send(stream, "snapshot", { summary: this.shop.summary(query), items });
  }
}

const ranksOf = (items) => new Map(items.map(({ itemId, rank }) => [itemId, rank]));

function send({ response, version }, event, data) {
  response.write(`id: ${version}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

async function file(response, name) {
  const body = /^[a-z_]+\.(html|css|js|svg)$/.test(name) ? await readFile(fileURLToPath(new URL(name, PAGE))).catch(() => null) : null;
  if (body === null) return problem(response, 404, "No such file.");
  return response.setHeader("content-type", TYPES[name.split(".").at(-1)]).end(body);
}

const json = (response, body) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
const csv = (response) => response.setHeader("content-type", "text/csv").end("item_id,currency\r\n");

function problem(response, status, detail) {
  response.writeHead(status, { "content-type": "application/problem+json" }).end(JSON.stringify({ title: "Not possible", status, detail }));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const options = { items: { type: "string", default: "40" }, port: { type: "string", default: "8099" }, currencies: { type: "string", default: "EUR" }, move: { type: "boolean", default: false } };
  const { values } = parseArgs({ options });
  const stub = await startStub({ items: Number(values.items), port: Number(values.port), currencies: values.currencies.split(",") });
  console.log(stub.url);
  setInterval(() => stub.status(), 5_000);
  if (values.move) {
    setInterval(() => {
      stub.shop.look("SKU-0002", "views");
      stub.shop.purchase({ itemId: "SKU-0003", price: 16.5, profit: 8 });
      stub.push();
    }, 700);
  }
}
