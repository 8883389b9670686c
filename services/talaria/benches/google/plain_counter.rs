//! The counter that one would write in an afternoon: one commit an event, behind the same server and load as ours.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use google::firestore::BareCommits;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::servers::WORKERS;

/// A running one.
pub struct PlainCounter {
    pub address: SocketAddr,
    server: ServerHandle,
}

struct Commits {
    commits: Arc<BareCommits>,
    at_once: Semaphore,
}

impl PlainCounter {
    /// Commits so many events at once at most.
    pub fn start(commits: Arc<BareCommits>, at_once: usize) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        let address = listener.local_addr()?;
        let commits = web::Data::new(Commits {
            commits,
            at_once: Semaphore::new(at_once),
        });
        let app = move || {
            App::new()
                .app_data(commits.clone())
                .route("/tally", web::post().to(tally))
        };
        let server = HttpServer::new(app).workers(WORKERS).disable_signals();
        let server = server.listen(listener)?.run();
        let handle = server.handle();
        tokio::spawn(server);
        Ok(Self {
            address,
            server: handle,
        })
    }

    pub async fn stop(self) {
        self.server.stop(false).await;
    }
}

async fn tally(body: web::Bytes, counter: web::Data<Commits>) -> HttpResponse {
    match count(&body, &counter).await {
        Some(()) => HttpResponse::NoContent().finish(),
        None => HttpResponse::ServiceUnavailable().finish(),
    }
}

/// `None` if the push holds no purchase or the commit failed.
async fn count(body: &[u8], counter: &Commits) -> Option<()> {
    let envelope: Value = serde_json::from_slice(body).ok()?;
    let data = STANDARD
        .decode(envelope["message"]["data"].as_str()?)
        .ok()?;
    let event: Value = serde_json::from_slice(&data).ok()?;
    let line = |item: &Value| {
        Some((
            item["item_id"].as_str()?.to_owned(),
            item["quantity"].as_i64()?,
        ))
    };
    let items: Option<Vec<_>> = event["data"]["items"]
        .as_array()?
        .iter()
        .map(line)
        .collect();
    let order = event["data"]["transactionId"].as_str()?;
    let _place = counter.at_once.acquire().await.ok()?;
    counter.commits.count(order, &items?).await.ok()
}
