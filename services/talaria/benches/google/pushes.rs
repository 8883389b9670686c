//! Load: pushes over many connections, each with one on its way, from a thread of its own. Unlike wrk it ends with every
//! push answered, so that what was sent is known to the last one.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::cpu::{Used, Watched, of_this_thread};

/// What sending saw for as long as every connection had a push on its way. What was sent last is answered later than it
/// would be by a counter that gets more: its batch is not full.
pub struct Answered {
    pub events: usize,
    pub took: Duration,
    /// From a push's first byte to its answer, in the order of length.
    pub waits: Vec<Duration>,
    /// Without the load itself.
    pub used: Used,
    /// By the load.
    pub load: Duration,
}

/// What all connections share.
struct Sending {
    requests: Vec<String>,
    next: AtomicUsize,
    answered: AtomicUsize,
    watched: Watched,
    /// When nothing was left to send.
    end: OnceLock<Moment>,
}

struct Moment {
    at: Instant,
    answered: usize,
    used: Used,
    load: Duration,
}

/// Posts all bodies to `/tally`. Fails if one is answered by anything but 204.
pub async fn send(
    address: SocketAddr,
    bodies: &[String],
    connections: usize,
    watched: &Watched,
) -> anyhow::Result<Answered> {
    let request = |body: &String| {
        let length = body.len();
        format!(
            "POST /tally HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        )
    };
    let sending = Arc::new(Sending {
        requests: bodies.iter().map(request).collect(),
        next: AtomicUsize::new(0),
        answered: AtomicUsize::new(0),
        watched: watched.clone(),
        end: OnceLock::new(),
    });
    tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        runtime.block_on(sending.over(address, connections))
    })
    .await?
}

impl Sending {
    async fn over(
        self: Arc<Self>,
        address: SocketAddr,
        connections: usize,
    ) -> anyhow::Result<Answered> {
        let began = self.now()?;
        let mut sending = JoinSet::new();
        for _ in 0..connections {
            sending.spawn(Arc::clone(&self).over_one(address));
        }
        let mut answers = Vec::with_capacity(self.requests.len());
        while let Some(sent) = sending.join_next().await {
            answers.extend(sent??);
        }
        let end = self.end.get().context("nothing was sent")?;
        let in_time = answers.iter().filter(|(at, _)| *at <= end.at);
        let mut waits: Vec<Duration> = in_time.map(|(_, wait)| *wait).collect();
        waits.sort();
        let (mut used, load) = (end.used.since(began.used), end.load - began.load);
        used.ours = used.ours.saturating_sub(load);
        Ok(Answered {
            events: end.answered,
            took: end.at - began.at,
            waits,
            used,
            load,
        })
    }

    /// Returns when each push was answered, and after how long.
    async fn over_one(
        self: Arc<Self>,
        address: SocketAddr,
    ) -> anyhow::Result<Vec<(Instant, Duration)>> {
        // Not before all others: a connection that stays silent for long is closed.
        let mut stream = TcpStream::connect(address).await?;
        let mut answers = Vec::new();
        let mut answer = Vec::with_capacity(1024);
        while let Some(request) = self.requests.get(self.next.fetch_add(1, Ordering::Relaxed)) {
            let began = Instant::now();
            stream.write_all(request.as_bytes()).await?;
            answer.clear();
            // A 204 has no body.
            while !answer.ends_with(b"\r\n\r\n") {
                let read = stream.read_buf(&mut answer).await?;
                ensure!(
                    read > 0 && answer.starts_with(b"HTTP/1.1 204 "),
                    "a push was answered: {}",
                    String::from_utf8_lossy(&answer)
                );
            }
            let now = Instant::now();
            answers.push((now, now - began));
            self.answered.fetch_add(1, Ordering::Relaxed);
        }
        if self.end.get().is_none() {
            // All connections are on one thread: nobody else has set it meanwhile.
            let _ = self.end.set(self.now()?);
        }
        stream.shutdown().await.context("closing a connection")?;
        Ok(answers)
    }

    fn now(&self) -> anyhow::Result<Moment> {
        Ok(Moment {
            at: Instant::now(),
            answered: self.answered.load(Ordering::Relaxed),
            used: self.watched.used()?,
            load: of_this_thread()?,
        })
    }
}
