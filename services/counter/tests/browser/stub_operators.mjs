// What the stub server tells engineers: destinations, dead letters, one journey.

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const calls = (done, retry = 0, setup = 0, reject = 0, unknown = 0) => ({ done, retry, setup, reject, unknown });

/** The answer of /api/destinations. */
export const destinations = () => ({
  destinations: [
    { destination: "loyalty", state: "ok", calls: calls(1204, 3), latencyMs: { p50: 42, p95: 118, p99: 260 }, inFlight: 2, lastDoneAt: ago(0.1), lastFailure: null, reportedAt: ago(0.1), held: { count: 0, oldestAt: null }, deadLetters: 0 },
    { destination: "erp", state: "failing", calls: calls(880, 41, 12, 2, 1), latencyMs: { p50: 310, p95: 2400, p99: 4900 }, inFlight: 8, lastDoneAt: ago(6), lastFailure: { at: ago(0.4), note: "the API answered that it is overloaded", status: 503 }, reportedAt: ago(0.1), held: { count: 1204, oldestAt: ago(90) }, deadLetters: 3 },
    { destination: "crm", state: "unknown", calls: calls(0), latencyMs: null, inFlight: 0, lastDoneAt: null, lastFailure: null, reportedAt: null, deadLetters: 0 },
  ],
});

const letter = (id, reason, detail, more) => ({ id, reason, detail, at: ago(14), identity: `purchase:${id}`, eventId: `evt-${id}`, eventType: "purchase", destination: "erp", route: "purchase-stock", effect: null, attempts: 1, value: { EUR: "184.50" }, messageId: id, replayed: null, ...more });

/** Dead letters of every kind that the page tells apart. */
export const deadLetters = [
  letter("dl-1", "rejected", "The API refused the call for good: 422."),
  letter("dl-2", "outcome-unknown", "The call may have arrived and must not be repeated.", { attempts: 2 }),
  letter("dl-3", "unreadable", "The message is not JSON.", { eventId: null, eventType: null, destination: null, route: null, value: null, attempts: 0 }),
];

/** The answer of /api/dead-letters/replay. */
export function replay({ ids = [], dryRun }) {
  const outcome = (id) => (id === "dl-3" ? { id, outcome: "needs-accept-duplicates", detail: "it has no event id" } : { id, outcome: dryRun ? "would-replay" : "replayed", detail: "" });
  return { replayed: ids.map(outcome) };
}

/** The answer of /api/events/{id}, or null. */
export function journey(eventId) {
  if (eventId === "evt-view") return { eventId, identities: [{ identity: "view_item:evt-view", tallied: true }], records: [], deadLetters: [] };
  if (eventId === "evt-held") {
    const effect = { route: "purchase-stock", element: "LAMP-07", state: "held", dueAt: ago(-5), attempts: [] };
    const held = [{ destination: "erp", reason: "set-up", since: ago(90), dueAt: ago(-5), tries: 3 }];
    return { eventId, identities: [], records: [{ identity: "purchase:held", destination: "erp", effects: [effect] }], held, deadLetters: [] };
  }
  if (eventId !== "evt-dl-1") return null;
  const attempt = (outcome, status, note) => ({ at: ago(14), tookMs: 84, outcome, status, note });
  return {
    eventId,
    identities: [{ identity: "generate_lead:evt-dl-1", tallied: null }, { identity: "purchase:dl-1", tallied: false }],
    records: [
      { identity: "purchase:dl-1", destination: "loyalty", effects: [{ route: "purchase-points", element: null, state: "done", attempts: [attempt("retry", 503, "overloaded"), attempt("done", 200, "")] }] },
      { identity: "purchase:dl-1", destination: "erp", effects: [{ route: "purchase-stock", element: "LAMP-07", state: "dead", attempts: [attempt("reject", 422, "no such article")] }] },
    ],
    deadLetters: [deadLetters[0]],
  };
}
