// How the tag proves itself, and its second way: shared secret, signature, Google's identity token, Pub/Sub.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Host, createApis } from "./runner/apis.mjs";
import { Realm } from "./runner/realm.mjs";
import { answering, FAILURE, fire, NOW_MS, PUBLISHER, PURCHASE, SUCCESS } from "./helpers.mjs";

// Of the Standard Webhooks specification's own example.
const KEYS = { talaria: "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "talaria-next": "bmV4dCBrZXkgb2YgdHdlbnR5LWZvdXIgYnl0ZXM=" };
const GOOGLE = { auth: "google", serviceAccount: "tag@shop.iam.gserviceaccount.com" };
const MINT = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/tag%40shop.iam.gserviceaccount.com:generateIdToken";

const tokenUntil = (expiryMs, name = "t") => `${name}.${Buffer.from(JSON.stringify({ exp: expiryMs / 1000, "ü?>": "~~" })).toString("base64url")}.signature`;
const minted = (token) => ({ statusCode: 200, body: JSON.stringify({ token }) });

/** Google and a publisher: mints the next of these tokens, and accepts what `accepts` says. */
function google(tokens, accepts = () => 202) {
  return ({ url, headers }) => (url === MINT ? minted(tokens.shift()) : { statusCode: accepts(headers.Authorization) });
}

test("a shared secret is sent trimmed, in its header, and nowhere else", async () => {
  const { requests } = await fire({ fields: { auth: "secret", sharedSecret: " 0123456789abcdef\n" } });
  assert.deepEqual(requests[0].headers, { "Content-Type": "application/json", "X-Talaria-Key": "0123456789abcdef" });
  assert.ok(!requests[0].body.includes("0123456789abcdef"));
});

test("the signature is that of a known vector", async () => {
  const hmacSha256 = createApis(new Host({ keys: KEYS }), new Realm().kit).hmacSha256;
  assert.equal(hmacSha256('msg_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}', "talaria", { outputEncoding: "base64" }), "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  const { requests } = await fire({ fields: { auth: "hmac" }, keys: KEYS, event: { event_name: "user_login", event_id: "evt-1", method: "煎茶" } });
  assert.deepEqual(requests[0].headers, {
    "Content-Type": "application/json",
    "webhook-id": "msg_7b409f932d2c88e97f0c17676c8420d3ea0dab6edb150a89b5684a8ad6d6c4c7",
    "webhook-timestamp": "1764060134",
    // Worked out with openssl over `id.timestamp.body`.
    "webhook-signature": "v1,3LGRQ/XSzazWQ9UFcKjlFQKIJE8SDcj/m743f+ubWkA=",
  });
});

test("a further attempt has the same id and a signature of its own time", async () => {
  const network = answering({ statusCode: 503, headers: { "retry-after": "2" } }, { statusCode: 202 });
  const { requests } = await fire({ fields: { auth: "hmac", hmacKeyId: "talaria-next" }, keys: KEYS, network });
  const [first, second] = requests.map(({ headers }) => headers);
  assert.equal(second["webhook-id"], first["webhook-id"]);
  assert.ok(Number(second["webhook-timestamp"]) >= Number(first["webhook-timestamp"]) + 2);
  assert.notEqual(second["webhook-signature"], first["webhook-signature"]);
});

test("an identity token is minted for the publisher's own address, with Google's credentials", async () => {
  const token = tokenUntil(NOW_MS + 3600000);
  const { requests, ended } = await fire({ fields: GOOGLE, network: google([token]) });
  assert.deepEqual(ended, SUCCESS);
  assert.deepEqual(requests.map(({ url }) => url), [MINT, PUBLISHER]);
  assert.equal(requests[0].body, '{"audience":"https://publisher.example.com","includeEmail":true}');
  assert.deepEqual(requests[0].authorization, { scopes: ["https://www.googleapis.com/auth/cloud-platform"] });
  assert.equal(requests[1].headers.Authorization, `Bearer ${token}`);
  assert.equal(requests[1].authorization, undefined);
  const other = await fire({ fields: { ...GOOGLE, audience: " talaria " }, network: google([token]) });
  assert.equal(JSON.parse(other.requests[0].body).audience, "talaria");
});

test("a token is minted once and used until five minutes before its end", async () => {
  const expiryMs = 1764063734000;
  const tokens = [tokenUntil(expiryMs, "one"), tokenUntil(expiryMs + 3600000, "two")];
  const network = google(tokens);
  const { host } = await fire({ fields: GOOGLE, network });
  for (const [nowMs, requests] of [[NOW_MS + 1, 1], [expiryMs - 300001, 1], [expiryMs - 300000, 2], [expiryMs, 1]]) {
    host.nowMs = nowMs;
    const fired = await fire({ fields: GOOGLE, network, host });
    assert.deepEqual([fired.requests.length, fired.ended], [requests, SUCCESS], `at ${nowMs}`);
  }
  const elsewhere = await fire({ fields: { ...GOOGLE, audience: "other" }, network: google([tokenUntil(expiryMs)]), host });
  assert.equal(elsewhere.requests.length, 2, "a token for one audience is none for another");
});

test("a kept token that is refused is minted anew, once", async () => {
  const tokens = ["one", "two", "three"].map((name) => tokenUntil(NOW_MS + 3600000, name));
  const accepts = (authorization) => (authorization.startsWith("Bearer two") ? 202 : 401);
  const fresh = await fire({ fields: GOOGLE, network: google([...tokens], accepts) });
  assert.deepEqual([fresh.ended, fresh.requests.length], [FAILURE, 2], "a new token that is refused is not minted again");
  const renewed = await fire({ fields: GOOGLE, network: google(tokens.slice(1), accepts), host: fresh.host });
  assert.deepEqual([renewed.ended, renewed.requests.length], [SUCCESS, 3]);
  const refused = await fire({ fields: GOOGLE, network: google(tokens.slice(2), () => 403), host: renewed.host });
  assert.deepEqual([refused.ended, refused.requests.length], [FAILURE, 3]);
});

test("without a token nothing is sent to the publisher", async () => {
  for (const [answer, requests] of [[{ statusCode: 403 }, 1], [{ statusCode: 200, body: "" }, 1], [{ statusCode: 200, body: '{"token":5}' }, 1], [{ statusCode: 503 }, 2], [{ reason: "failed" }, 2]]) {
    const fired = await fire({ fields: GOOGLE, network: ({ url }) => (url === MINT ? answer : assert.fail("the publisher was asked")) });
    assert.deepEqual([fired.ended, fired.requests.length], [FAILURE, requests], JSON.stringify(answer));
  }
});

test("a token whose end can't be read serves once", async () => {
  const { host } = await fire({ fields: GOOGLE, network: google(["no.token"]) });
  const again = await fire({ fields: GOOGLE, network: google(["no.token"]), host });
  assert.deepEqual([again.requests.length, again.ended], [2, SUCCESS]);
});

test("straight to Pub/Sub: the publisher's own format with its attributes, and 200 alone is success", async () => {
  const fields = { transport: "pubsub", topic: " projects/shop/topics/backend-updates " };
  const { requests, ended } = await fire({ fields, network: answering({ statusCode: 200 }), headers: { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" } });
  assert.deepEqual(ended, SUCCESS);
  const published = await fire({});
  const data = Buffer.from(published.bodies[0], "utf8").toString("base64");
  assert.deepEqual(requests, [
    {
      url: "https://pubsub.googleapis.com/v1/projects/shop/topics/backend-updates:publish",
      method: "POST",
      timeout: 3000,
      headers: { "Content-Type": "application/json" },
      authorization: { scopes: ["https://www.googleapis.com/auth/pubsub"] },
      body:
        `{"messages":[{"data":"${data}","attributes":{"eventType":"purchase","eventId":"evt-1","receivedMs":"1764060134221",` +
        '"schemaVersion":"1","traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}]}',
      atMs: NOW_MS,
    },
  ]);
  for (const statusCode of [202, 204, 400, 403, 404, 500, 503]) {
    const refused = await fire({ fields, network: answering({ statusCode }), event: PURCHASE });
    assert.deepEqual([refused.ended, refused.requests.length], [FAILURE, [500, 503].includes(statusCode) ? 2 : 1], `at ${statusCode}`);
  }
});

test("a traceparent that is none is not passed on", async () => {
  for (const traceparent of [undefined, "", "00-1-1-01", "01-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"]) {
    assert.equal((await fire({ headers: { traceparent } })).requests[0].headers.traceparent, undefined);
  }
});

test("what is not set up fails, says what to set, and sends nothing", async () => {
  for (const fields of [{ publisherUrl: "" }, { auth: "secret" }, { auth: "google" }, { auth: "hmac", hmacKeyId: "" }, { transport: "pubsub" }, { transport: "pubsub", topic: "projects/p/topics/" }]) {
    const { requests, ended, logged } = await fire({ fields });
    assert.deepEqual([requests.length, ended], [0, FAILURE], JSON.stringify(fields));
    assert.match(logged[0].detail, /^set the /);
  }
});
