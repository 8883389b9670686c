//! A proxy that can hold answers back: what a client sees of a server that does its work and is not heard.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Forwards connections to one server. Stops when dropped.
pub struct SlowProxy {
    address: SocketAddr,
    is_heard: Arc<watch::Sender<bool>>,
    held_back_after: Arc<watch::Sender<Option<String>>>,
    task: JoinHandle<()>,
}

impl SlowProxy {
    pub async fn start(target: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let (is_heard, heard) = watch::channel(true);
        let is_heard = Arc::new(is_heard);
        let held_back_after = Arc::new(watch::Sender::new(None));
        let (closing, watched) = (is_heard.clone(), held_back_after.clone());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let Ok(server) = TcpStream::connect(&target).await else {
                    continue;
                };
                let (from_client, to_client) = client.into_split();
                let (from_server, to_server) = server.into_split();
                let watching = (closing.clone(), watched.clone());
                tokio::spawn(requests(from_client, to_server, watching));
                tokio::spawn(answers(from_server, to_client, heard.clone()));
            }
        });
        Self {
            address,
            is_heard,
            held_back_after,
            task,
        }
    }

    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Requests go through, answers don't.
    pub fn hold_back(&self) {
        self.is_heard.send_replace(false);
    }

    /// The same from the first request on that has this text in it.
    pub fn hold_back_after(&self, text: &str) {
        self.held_back_after.send_replace(Some(text.to_owned()));
    }

    /// What was held back goes through as well.
    pub fn release(&self) {
        self.held_back_after.send_replace(None);
        self.is_heard.send_replace(true);
    }
}

impl Drop for SlowProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn requests(
    mut client: OwnedReadHalf,
    mut server: OwnedWriteHalf,
    (is_heard, held_back_after): (Arc<watch::Sender<bool>>, Arc<watch::Sender<Option<String>>>),
) {
    let mut buffer = vec![0; 64 << 10];
    // A text may come in two pieces.
    let mut seen = Vec::new();
    while let Ok(length @ 1..) = client.read(&mut buffer).await {
        let text = held_back_after.borrow().clone();
        if let Some(text) = text {
            seen.extend_from_slice(&buffer[..length]);
            if seen.windows(text.len()).any(|part| part == text.as_bytes()) {
                is_heard.send_replace(false);
            }
            seen.drain(..seen.len().saturating_sub(text.len()));
        }
        if server.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}

async fn answers(
    mut server: OwnedReadHalf,
    mut client: OwnedWriteHalf,
    mut heard: watch::Receiver<bool>,
) {
    let mut buffer = vec![0; 64 << 10];
    while let Ok(length @ 1..) = server.read(&mut buffer).await {
        if heard.wait_for(|is_heard| *is_heard).await.is_err() {
            return;
        }
        if client.write_all(&buffer[..length]).await.is_err() {
            return;
        }
    }
}
