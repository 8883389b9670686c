//! A gRPC proxy in front of the emulator that knows calls by their names, and answers some of them as production would.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use bytes::Bytes;
use firestore::gcloud_sdk::tonic::Code;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use h2::client::SendRequest;
use h2::server::SendResponse;
use h2::{RecvStream, SendStream};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What production says where several write one document.
pub const CONTENTION: &str = "Too much contention on these documents. Please try again.";
pub const STATUS: HeaderName = HeaderName::from_static("grpc-status");
const MESSAGE: HeaderName = HeaderName::from_static("grpc-message");

/// Says something to a client; `None` once the client is gone.
pub type Answer = Box<dyn FnOnce(SendResponse<Bytes>) -> BoxFuture<'static, Option<()>> + Send>;

/// What becomes of a call that is not just forwarded.
pub enum Instead {
    /// It is answered so, and the server never hears of it.
    Answered(Answer),
    /// The server does it, and the client is told this.
    DoneAndLost(Code),
}

/// A call, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// Such as `Commit`.
    pub method: String,
    /// The database that its headers name, by which Google routes it.
    pub database: String,
    /// What was asked, as far as it was forwarded.
    pub message: Vec<u8>,
}

#[derive(Default)]
struct State {
    calls: Vec<Arc<Mutex<Call>>>,
    /// By the methods that they are for, the next first.
    next: VecDeque<(&'static str, Instead)>,
    is_contended: bool,
    /// Whether a commit is on its way while commits contend.
    is_locked: bool,
    lost_locks: usize,
}

/// Forwards calls to one server. Stops when dropped.
pub struct GrpcProxy {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl GrpcProxy {
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let state: Arc<Mutex<State>> = Arc::default();
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, target.clone(), Arc::clone(&shared)));
            }
        });
        Self {
            address,
            state,
            task,
        }
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// The next call of that method that nothing else is planned for is answered so.
    pub fn next(&self, method: &'static str, instead: Instead) {
        locked(&self.state).next.push_back((method, instead));
    }

    /// From now on a commit is refused as production refuses it, while another is on its way: as if all of them wrote
    /// the same document.
    pub fn contend(&self) {
        locked(&self.state).is_contended = true;
    }

    /// How many commits were refused for that.
    pub fn lost_locks(&self) -> usize {
        locked(&self.state).lost_locks
    }

    /// The calls since this was asked last.
    pub fn calls(&self) -> Vec<Call> {
        let calls = std::mem::take(&mut locked(&self.state).calls);
        calls.iter().map(|call| locked(call).clone()).collect()
    }

    /// How many calls of that method came since the calls were asked for last.
    pub fn count(&self, method: &str) -> usize {
        let calls = self.calls();
        calls.iter().filter(|call| call.method == method).count()
    }
}

impl Drop for GrpcProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("no test has panicked in here")
}

async fn serve(client: TcpStream, target: String, state: Arc<Mutex<State>>) {
    let server = TcpStream::connect(&target)
        .await
        .expect("the emulator listens");
    let (sender, connection) = h2::client::handshake(server).await.expect("it speaks gRPC");
    let driving = tokio::spawn(connection);
    let Ok(mut calls) = h2::server::handshake(client).await else {
        return;
    };
    while let Some(Ok((request, answer))) = calls.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(call(request, answer, sender.clone(), target.clone(), state));
    }
    driving.abort();
}

/// A call that breaks off is answered nothing: its client is gone.
async fn call(
    request: Request<RecvStream>,
    mut answer: SendResponse<Bytes>,
    sender: SendRequest<Bytes>,
    target: String,
    state: Arc<Mutex<State>>,
) -> Option<()> {
    let method = request.uri().path().rsplit('/').next()?.to_owned();
    let (noted, instead) = note(&state, &method, request.headers());
    let _lock = match Lock::take(&state, &method) {
        Ok(lock) => lock,
        Err(Contended) => {
            read_all(request.into_body()).await;
            return refuse(answer, Code::Aborted, CONTENTION);
        }
    };
    let lost = match instead {
        Some(Instead::Answered(say)) => {
            // A stream's requests don't end before its answers.
            tokio::spawn(read_all(request.into_body()));
            return say(answer).await;
        }
        Some(Instead::DoneAndLost(code)) => Some(code),
        None => None,
    };
    let response = forwarded(request, sender, &target, noted).await?;
    let (head, mut body) = response.into_parts();
    if let Some(code) = lost {
        read_all(body).await;
        return refuse(answer, code, "nobody knows");
    }
    let is_over = body.is_end_stream();
    let mut to_client = answer
        .send_response(Response::from_parts(head, ()), is_over)
        .ok()?;
    match is_over {
        true => Some(()),
        false => pump(&mut body, &mut to_client, |_| {}).await,
    }
}

/// The one commit that may be on its way, until dropped.
struct Lock(Arc<Mutex<State>>);

struct Contended;

impl Lock {
    /// None is needed where commits don't contend.
    fn take(shared: &Arc<Mutex<State>>, method: &str) -> Result<Option<Self>, Contended> {
        let mut state = locked(shared);
        if method != "Commit" || !state.is_contended {
            return Ok(None);
        }
        if std::mem::replace(&mut state.is_locked, true) {
            state.lost_locks += 1;
            return Err(Contended);
        }
        Ok(Some(Self(Arc::clone(shared))))
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        locked(&self.0).is_locked = false;
    }
}

fn note(
    state: &Mutex<State>,
    method: &str,
    headers: &HeaderMap,
) -> (Arc<Mutex<Call>>, Option<Instead>) {
    let database = headers.get("google-cloud-resource-prefix");
    let database = database.and_then(|database| database.to_str().ok());
    let call = Arc::new(Mutex::new(Call {
        method: method.to_owned(),
        database: database.unwrap_or_default().to_owned(),
        message: Vec::new(),
    }));
    let mut state = locked(state);
    state.calls.push(Arc::clone(&call));
    let planned = |(planned, _): &(&str, Instead)| *planned == method;
    let place = state.next.iter().position(planned);
    let instead = place.and_then(|place| state.next.remove(place));
    (call, instead.map(|(_, instead)| instead))
}

async fn forwarded(
    request: Request<RecvStream>,
    sender: SendRequest<Bytes>,
    target: &str,
    noted: Arc<Mutex<Call>>,
) -> Option<Response<RecvStream>> {
    let (mut head, mut body) = request.into_parts();
    let address = format!("http://{target}{}", head.uri.path());
    head.uri = address.parse().ok()?;
    let mut sender = sender.ready().await.ok()?;
    let (response, mut to_server) = sender
        .send_request(Request::from_parts(head, ()), false)
        .ok()?;
    let note = move |data: &Bytes| locked(&noted).message.extend_from_slice(data);
    tokio::spawn(async move { pump(&mut body, &mut to_server, note).await });
    response.await.ok()
}

/// Everything that comes goes on, the trailers too.
async fn pump(
    from: &mut RecvStream,
    to: &mut SendStream<Bytes>,
    note: impl Fn(&Bytes),
) -> Option<()> {
    while let Some(data) = from.data().await {
        let data = data.ok()?;
        note(&data);
        let _ = from.flow_control().release_capacity(data.len());
        to.send_data(data, false).ok()?;
    }
    match from.trailers().await.ok()? {
        Some(trailers) => to.send_trailers(trailers).ok(),
        None => to.send_data(Bytes::new(), true).ok(),
    }
}

async fn read_all(mut body: RecvStream) {
    while let Some(Ok(data)) = body.data().await {
        let _ = body.flow_control().release_capacity(data.len());
    }
}

/// The status, and that it was refused.
pub fn refused(code: Code, text: &'static str) -> Instead {
    Instead::Answered(Box::new(move |answer| {
        std::future::ready(refuse(answer, code, text)).boxed()
    }))
}

/// How every answer begins.
pub fn head() -> Response<()> {
    let mut head = Response::new(());
    let content_type = HeaderValue::from_static("application/grpc");
    head.headers_mut()
        .insert(http::header::CONTENT_TYPE, content_type);
    head
}

fn refuse(mut answer: SendResponse<Bytes>, code: Code, text: &'static str) -> Option<()> {
    let mut head = head();
    let headers = head.headers_mut();
    headers.insert(STATUS, HeaderValue::from(i32::from(code)));
    headers.insert(MESSAGE, HeaderValue::from_static(text));
    answer.send_response(head, true).ok().map(drop)
}
