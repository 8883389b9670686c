//! A TCP proxy whose connections can be made silent: nothing is forwarded and nothing closed, as when the other end
//! vanishes behind a gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Forwards connections to one server. Stops when dropped.
pub struct SilentProxy {
    address: String,
    accepted: Arc<AtomicU64>,
    /// Connections up to this number are silent.
    silent: watch::Sender<u64>,
    task: JoinHandle<()>,
}

impl SilentProxy {
    /// Starts forwarding to `target`, such as `127.0.0.1:8085`.
    pub async fn start(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens").to_string();
        let (silent, is_silent) = watch::channel(0);
        let accepted = Arc::new(AtomicU64::new(0));
        let (count, target) = (Arc::clone(&accepted), target.to_owned());
        let task = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::spawn(forward(number, client, target.clone(), is_silent.clone()));
            }
        });
        Self {
            address,
            accepted,
            silent,
            task,
        }
    }

    /// `host:port` to connect to.
    pub fn address(&self) -> String {
        self.address.clone()
    }

    /// Connections so far.
    pub fn connections(&self) -> u64 {
        self.accepted.load(Ordering::SeqCst)
    }

    /// Makes the connections of this moment silent for good; later ones are forwarded.
    pub fn silence(&self) {
        self.silent.send_replace(self.connections());
    }

    /// Makes every connection silent, also those that come until [`restore`](Self::restore).
    pub fn silence_all(&self) {
        self.silent.send_replace(u64::MAX);
    }

    /// Forwards later connections again; those that were silent stay so.
    pub fn restore(&self) {
        self.silence();
    }
}

impl Drop for SilentProxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn forward(
    number: u64,
    mut client: TcpStream,
    target: String,
    mut silent: watch::Receiver<u64>,
) {
    let mut server = TcpStream::connect(target)
        .await
        .expect("the server's there");
    let is_ended = tokio::select! {
        biased;
        ended = silent.wait_for(|silent| *silent >= number) => ended.is_err(),
        _ = copy_bidirectional(&mut client, &mut server) => true,
    };
    if !is_ended {
        // Both ends stay open until the proxy is dropped.
        while silent.changed().await.is_ok() {}
    }
}
