//! An HTTP server on a free port of loopback.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use bytes::Bytes;
use tokio::sync::watch;

use crate::PATIENCE;

/// What a request looked like.
#[derive(Clone, Debug)]
pub struct RecordedRequest {
    /// Such as `POST`.
    pub method: String,
    /// Path and query as they came, still percent-encoded.
    pub target: String,
    /// Header names in lower case; of repeated headers the last.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Bytes,
}

impl RecordedRequest {
    /// The body as JSON; panics if it is none.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).expect("the recorded body is JSON")
    }

    /// The header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// How the server answers a request.
#[derive(Clone, Debug)]
pub struct MockAnswer {
    /// The status; 0 stands for an answer that never comes.
    pub status: u16,
    /// Headers of the answer.
    pub headers: Vec<(String, String)>,
    /// Body of the answer.
    pub body: String,
    /// Time from the request to the answer.
    pub delay: Duration,
}

impl MockAnswer {
    /// An answer without body.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
            delay: Duration::ZERO,
        }
    }

    /// No answer, for as long as the caller waits.
    pub fn never() -> Self {
        Self::status(0)
    }

    /// The same answer with a header more.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same answer, this long after the request.
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The same answer with this body.
    pub fn body(mut self, body: &str) -> Self {
        self.body = body.into();
        self
    }
}

type Answerer = dyn Fn(&RecordedRequest) -> MockAnswer + Send + Sync;

struct Shared {
    answer: Mutex<Arc<Answerer>>,
    requests: Mutex<Vec<RecordedRequest>>,
    count: watch::Sender<usize>,
}

/// A running server; it stops when dropped.
pub struct MockServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    handle: ServerHandle,
}

impl MockServer {
    /// Starts a server that answers 204 to everything.
    pub async fn start() -> Self {
        Self::start_on(TcpListener::bind(("127.0.0.1", 0)).expect("a free port on loopback")).await
    }

    /// Starts a server on a listener that the test chose, such as the port of one that was stopped.
    pub async fn start_on(listener: TcpListener) -> Self {
        let address = listener
            .local_addr()
            .expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            answer: Mutex::new(Arc::new(|_: &RecordedRequest| MockAnswer::status(204))),
            requests: Mutex::default(),
            count: watch::channel(0).0,
        });
        let data = web::Data::from(Arc::clone(&shared));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .app_data(web::PayloadConfig::new(16 << 20))
                .default_service(web::to(record_and_answer))
        })
        .workers(1)
        .disable_signals()
        .listen(listener)
        .expect("actix-web takes the listener")
        .run();
        let handle = server.handle();
        tokio::spawn(server);
        Self {
            address,
            shared,
            handle,
        }
    }

    /// From now on, answers are made by `answer`.
    pub fn answer_with(
        &self,
        answer: impl Fn(&RecordedRequest) -> MockAnswer + Send + Sync + 'static,
    ) {
        *lock(&self.shared.answer) = Arc::new(answer);
    }

    /// From now on, every answer is this.
    pub fn answer(&self, answer: MockAnswer) {
        self.answer_with(move |_| answer.clone());
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The address of `path`, which begins with a slash.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Everything that came so far, oldest first.
    pub fn requests(&self) -> Vec<RecordedRequest> {
        lock(&self.shared.requests).clone()
    }

    /// Waits until at least `count` requests came, and returns all. Panics when that takes too long.
    pub async fn wait_for_requests(&self, count: usize) -> Vec<RecordedRequest> {
        self.wait_until(&format!("{count} requests"), |requests| {
            requests.len() >= count
        })
        .await
    }

    /// Waits until the requests so far satisfy `enough`, and returns them. Panics when that takes too long.
    pub async fn wait_until(
        &self,
        what: &str,
        enough: impl Fn(&[RecordedRequest]) -> bool,
    ) -> Vec<RecordedRequest> {
        let mut count = self.shared.count.subscribe();
        let waiting = async {
            loop {
                count.borrow_and_update();
                let requests = self.requests();
                if enough(&requests) {
                    return requests;
                }
                count
                    .changed()
                    .await
                    .expect("the sender lives as long as self");
            }
        };
        match tokio::time::timeout(PATIENCE, waiting).await {
            Ok(requests) => requests,
            Err(_) => panic!(
                "waited {PATIENCE:?} for {what}; {} requests came",
                self.requests().len()
            ),
        }
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        // Sending the order is enough; nobody waits for a mock to drain.
        drop(self.handle.stop(false));
    }
}

async fn record_and_answer(
    request: HttpRequest,
    body: Bytes,
    shared: web::Data<Shared>,
) -> HttpResponse {
    let headers = request
        .headers()
        .iter()
        .map(|(name, value)| {
            (
                name.as_str().to_owned(),
                String::from_utf8_lossy(value.as_bytes()).into_owned(),
            )
        })
        .collect();
    let recorded = RecordedRequest {
        method: request.method().to_string(),
        target: request.uri().to_string(),
        headers,
        body,
    };
    let answerer = Arc::clone(&lock(&shared.answer));
    let answer = answerer(&recorded);
    lock(&shared.requests).push(recorded);
    shared.count.send_modify(|count| *count += 1);
    if answer.status == 0 {
        std::future::pending::<()>().await;
    }
    if !answer.delay.is_zero() {
        tokio::time::sleep(answer.delay).await;
    }
    let status =
        actix_web::http::StatusCode::from_u16(answer.status).expect("a test names a real status");
    let mut response = HttpResponse::build(status);
    for header in answer.headers {
        response.append_header(header);
    }
    response.body(answer.body)
}

/// A test that panicked while it held the lock has failed already.
fn lock<T: ?Sized>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
