//! A company's APIs in one mock server: `/crm`, `/loyalty` and so on.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use events::Timestamp;
use serde_json::Value;
use testing::{MockAnswer, MockServer, RecordedRequest};
use tokio::sync::watch;

const APIS: [&str; 6] = ["crm", "loyalty", "erp", "mail", "cdp", "shop"];

/// A call that an API got, and what it was answered (0: nothing).
#[derive(Clone, Debug)]
pub struct Call {
    pub api: String,
    pub method: String,
    pub path: String,
    pub body: Value,
    /// The Idempotency-Key.
    pub key: String,
    pub credentials: String,
    pub status: u16,
}

impl Call {
    fn of(request: &RecordedRequest) -> Self {
        let target = request.target.trim_start_matches('/');
        let (api, path) = match target.split_once('/') {
            Some((api, path)) => (api, format!("/{path}")),
            None => (target, String::new()),
        };
        let credentials = ["authorization", "x-api-key"].map(|name| request.header(name));
        Self {
            api: api.to_owned(),
            method: request.method.clone(),
            path,
            body: serde_json::from_slice(&request.body).unwrap_or_default(),
            key: request.header("idempotency-key").to_owned(),
            credentials: credentials.concat(),
            status: 0,
        }
    }

    /// Whether the API said that it did it.
    pub fn is_done(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the API may have done it: all but those calls that it declared not to have worked.
    pub fn may_have_worked(&self) -> bool {
        ![425, 429, 503].contains(&self.status)
    }
}

/// `crm POST /path {"body":…}`. Times that depend on when the test runs are TIME, the call's own key in its body is KEY.
impl fmt::Display for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut body = self.body.clone();
        for name in ["lastPurchaseDate", "lastLoginDate"] {
            let moment = body.get(name).and_then(Value::as_str);
            if moment.is_some_and(|moment| Timestamp::parse_rfc3339(moment).is_ok()) {
                body[name] = "TIME".into();
            }
        }
        if body.get("messageId").and_then(Value::as_str) == Some(&self.key) {
            body["messageId"] = "KEY".into();
        }
        let Self {
            api, method, path, ..
        } = self;
        let space = if path.is_empty() { "" } else { " " };
        write!(formatter, "{api} {method}{space}{path} {body}")
    }
}

type Behaviour = Arc<dyn Fn(&Call) -> MockAnswer + Send + Sync>;

#[derive(Default)]
struct Books {
    behaviours: Mutex<BTreeMap<String, Behaviour>>,
    calls: Mutex<Vec<Call>>,
    count: watch::Sender<usize>,
}

/// The APIs; each answers 204 until told otherwise.
pub struct BackOffice {
    server: MockServer,
    books: Arc<Books>,
}

impl BackOffice {
    pub async fn open() -> Self {
        let server = MockServer::start().await;
        let books = Arc::new(Books::default());
        let kept = Arc::clone(&books);
        server.answer_with(move |request| kept.answer(request));
        Self { server, books }
    }

    /// From now on `api` answers so.
    pub fn answer_with(
        &self,
        api: &str,
        behaviour: impl Fn(&Call) -> MockAnswer + Send + Sync + 'static,
    ) {
        lock(&self.books.behaviours).insert(api.to_owned(), Arc::new(behaviour));
    }

    /// From now on `api` answers this.
    pub fn answer(&self, api: &str, answer: MockAnswer) {
        self.answer_with(api, move |_| answer.clone());
    }

    /// The variables that the default routes are filled in from.
    pub fn environment(&self) -> Vec<(String, String)> {
        let url = |api: &str| {
            (
                format!("{}_API_URL", api.to_ascii_uppercase()),
                self.url(api),
            )
        };
        let keys = ["crm", "loyalty"].map(|api| {
            let name = format!("{}_API_KEY", api.to_ascii_uppercase());
            (name, format!("{api}-key"))
        });
        APIS.into_iter().map(url).chain(keys).collect()
    }

    pub fn url(&self, api: &str) -> String {
        self.server.url(&format!("/{api}"))
    }

    /// All calls so far, oldest first.
    pub fn calls(&self) -> Vec<Call> {
        lock(&self.books.calls).clone()
    }

    pub fn calls_of(&self, api: &str) -> Vec<Call> {
        let mut calls = self.calls();
        calls.retain(|call| call.api == api);
        calls
    }

    /// The calls since there were `seen` of them, as texts in alphabetic order.
    pub fn shown_since(&self, seen: usize) -> Vec<String> {
        let mut shown: Vec<String> = self.calls()[seen..].iter().map(Call::to_string).collect();
        shown.sort();
        shown
    }

    /// Tells the number of calls so far, and when it changes.
    pub fn count(&self) -> watch::Receiver<usize> {
        self.books.count.subscribe()
    }
}

impl Books {
    fn answer(&self, request: &RecordedRequest) -> MockAnswer {
        let mut call = Call::of(request);
        let behaviour = lock(&self.behaviours).get(&call.api).cloned();
        let answer =
            behaviour.map_or_else(|| MockAnswer::status(204), |behaviour| behaviour(&call));
        call.status = answer.status;
        lock(&self.calls).push(call);
        self.count.send_modify(|count| *count += 1);
        answer
    }
}

/// A test that panicked while it held the lock has failed already.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
