//! One service as a process of its own.

use std::path::Path;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use testing::{RunningProgram, eventually};

/// Cloud Run kills after so long.
const STOP_WITHIN: Duration = Duration::from_secs(10);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    Publisher,
    Updater,
    Counter,
}

impl Service {
    pub const ALL: [Self; 3] = [Self::Publisher, Self::Updater, Self::Counter];

    /// Its program, which cargo puts beside `talaria` but builds only when it is told to.
    pub fn program(self) -> String {
        let name = format!("{self:?}").to_lowercase();
        let path = Path::new(env!("CARGO_BIN_EXE_talaria")).with_file_name(name);
        assert!(
            path.exists(),
            "{} is missing; build first: cargo build --workspace --all-features",
            path.display()
        );
        path.display().to_string()
    }
}

/// A started service. Killed (-9) when dropped.
pub struct Program {
    running: RunningProgram,
    pub url: String,
    client: reqwest::Client,
}

impl Program {
    pub async fn listening(mut running: RunningProgram, client: &reqwest::Client) -> Self {
        let url = format!("http://{}", running.address().await);
        let client = client.clone();
        Self {
            running,
            url,
            client,
        }
    }

    /// SIGKILL: it gets no chance to do anything more.
    pub fn kill(self) {
        drop(self.running);
    }

    /// SIGTERM: it must end in time, with code 0.
    pub async fn stop(self) {
        let (ended, took) = self.running.terminate().await;
        assert_eq!(ended.code, Some(0), "{}", ended.log);
        assert!(took <= STOP_WITHIN, "{took:?}: {}", ended.log);
    }

    /// Waits until readiness is answered so.
    pub async fn becomes_ready(&self, expected: u16) {
        let url = format!("{}/health/ready", self.url);
        eventually(&format!("readiness {expected} of {url}"), || async {
            let answer = self.client.get(&url).send().await.expect("an answer");
            (answer.status().as_u16() == expected).then_some(())
        })
        .await;
    }

    /// Posts JSON; the answer.
    pub async fn post(&self, path: &str, body: String) -> reqwest::Response {
        let request = self
            .client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .body(body);
        request.send().await.expect("an answer")
    }
}

/// A port of loopback that is free, and that no outgoing connection is given while its program is away: it is below those
/// that the system hands out.
pub fn lasting_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let of_process = u16::try_from(std::process::id() % 1000).expect("below a thousand");
    loop {
        let port = 10_000 + of_process * 20 + NEXT.fetch_add(1, Ordering::Relaxed) % 2000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}
