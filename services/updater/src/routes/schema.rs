//! The JSON Schema of the routes file, for editors. The types here are never read; a test compares their keys with
//! those the reader knows.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, schema_for};

/// The JSON Schema of the routes file.
pub fn routes_schema() -> Schema {
    schema_for!(RoutesFile)
}

/// Where calls go, and which events become which calls.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct RoutesFile {
    /// The APIs that are called, by a name such as `crm`.
    #[schemars(extend("propertyNames" = { "pattern": "^[a-z][a-z0-9-]{0,39}$" }))]
    destinations: BTreeMap<String, DestinationFile>,
    /// Which events become which calls.
    #[schemars(length(max = 200))]
    routes: Vec<RouteFile>,
}

/// A company's own HTTP API.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct DestinationFile {
    /// http or https; `${NAME}` and `${NAME:-default}` are filled in from the environment. A path is kept.
    url: String,
    /// How calls say who makes them; absent: not at all.
    auth: Option<AuthFile>,
    /// safe: the API honours Idempotency-Key. unsafe: never call again when it is unknown whether a call arrived.
    repeat: RepeatFile,
    /// 100ms to 120s; 5s when absent.
    timeout: Option<String>,
    /// Limits of the whole deployment.
    limits: Option<LimitsFile>,
    /// Headers of every call.
    headers: Option<BTreeMap<String, String>>,
    /// What answers mean when that differs from the usual; the first match counts.
    responses: Option<Vec<ResponseFile>>,
    /// Held effects older than this are dead; 7d when absent.
    give_up_after: Option<String>,
    /// A Pub/Sub filter for the destination's subscription.
    filter: Option<String>,
}

/// Exactly one kind: `bearer`, `header` with `secret`, or a token of Google's.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct AuthFile {
    /// Name of the secret sent as `Authorization: Bearer …`: NAME, NAME@5 for one version of Secret Manager's, or that version's
    /// full name. Never the secret itself.
    bearer: Option<String>,
    /// Name of the header the secret is sent in.
    header: Option<String>,
    /// Name of the secret sent in `header`, as for `bearer`.
    secret: Option<String>,
    /// Tells a service such as one on Cloud Run who calls. Only the updater as a service by itself has these.
    #[schemars(rename = "google-identity-token")]
    google_identity_token: Option<IdentityTokenFile>,
    /// Opens Google's own APIs. Only the updater as a service by itself has these.
    #[schemars(rename = "google-access-token")]
    google_access_token: Option<AccessTokenFile>,
}

/// A token that says who calls.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct IdentityTokenFile {
    /// What the service takes tokens for; scheme and host of the destination's url when absent.
    audience: Option<String>,
}

/// A token for Google's APIs.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct AccessTokenFile {
    /// Which APIs; `https://www.googleapis.com/auth/cloud-platform` when absent.
    #[schemars(length(min = 1))]
    scopes: Option<Vec<String>>,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "the variants are read by the schema's derivation alone"
)]
enum RepeatFile {
    Safe,
    Unsafe,
}

/// Limits of the whole deployment.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct LimitsFile {
    /// Calls at the same time; 32 when absent.
    #[schemars(range(min = 1, max = 10_000))]
    concurrency: Option<u32>,
    /// Calls in a second or a minute: `100/s`, `6000/m`.
    rate: Option<String>,
}

/// A rule for answers.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct ResponseFile {
    /// `409`, `4xx`, or a list of them.
    status: StatusFile,
    /// Headers that must contain these texts.
    header: Option<BTreeMap<String, String>>,
    /// Text the body must contain.
    body: Option<String>,
    /// done: it worked. retry: call again later. setup: the destination is broken. reject: refused for good.
    is: ClassFile,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    reason = "the variants are read by the schema's derivation alone"
)]
enum StatusFile {
    Code(u16),
    Hundred(String),
    Several(Vec<StatusFile>),
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "the variants are read by the schema's derivation alone"
)]
enum ClassFile {
    Done,
    Retry,
    Setup,
    Reject,
}

/// Which events become which call. Texts marked CEL are expressions.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct RouteFile {
    /// Unique and permanent: part of every effect's key.
    #[schemars(regex(pattern = r"^[a-z][a-z0-9-]{0,39}$"))]
    name: String,
    /// Names the route had before, oldest first.
    was: Option<Vec<String>>,
    /// CEL, true for the events the route is for. Reads `event`.
    when: ExpressionFile,
    /// Name of a destination.
    to: String,
    /// One call for each element of a list.
    each: Option<EachFile>,
    /// POST when absent.
    method: Option<MethodFile>,
    /// CEL; begins with text: `"/stock/" + item.item_id`. What is not text in quotes is percent-encoded.
    path: Option<ExpressionFile>,
    /// CEL for each query parameter; a list repeats it, an empty list leaves it out.
    query: Option<BTreeMap<String, ExpressionFile>>,
    /// CEL for each header.
    headers: Option<BTreeMap<String, ExpressionFile>>,
    /// CEL, sent as JSON.
    body: Option<ExpressionFile>,
    /// Older events are shown, not sent; 7d when absent.
    max_age: Option<String>,
    /// live; shadow: shows its calls, makes none; paused: its events are held until it is live again.
    mode: Option<ModeFile>,
}

#[derive(JsonSchema)]
#[schemars(untagged)]
#[expect(
    dead_code,
    reason = "the variants are read by the schema's derivation alone"
)]
enum ExpressionFile {
    Text(String),
    Truth(bool),
    Number(f64),
}

/// One call for each element of a list.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(
    dead_code,
    reason = "the fields are read by the schema's derivation alone"
)]
pub(super) struct EachFile {
    /// CEL that gives the list; at most 500 elements.
    r#in: ExpressionFile,
    /// What an element is called in expressions; item when absent.
    r#as: Option<String>,
    /// CEL that tells elements apart: text or a number.
    key: ExpressionFile,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "UPPERCASE")]
#[expect(
    dead_code,
    reason = "the variants are read by the schema's derivation alone"
)]
enum MethodFile {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "the variants are read by the schema's derivation alone"
)]
enum ModeFile {
    Live,
    Shadow,
    Paused,
}
