//! A TCP proxy that can be cut: what a client sees when a server it speaks to is gone, without stopping the server.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// Forwards connections to one server until it is cut. Stops when dropped.
pub struct Proxy {
    address: SocketAddr,
    is_open: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl Proxy {
    /// Starts forwarding to `target`, such as `127.0.0.1:8085`.
    pub async fn start(target: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("it listens");
        let (is_open, open) = watch::channel(true);
        let task = tokio::spawn(accept(listener, target.to_owned(), open));
        Self {
            address,
            is_open,
            task,
        }
    }

    /// `host:port` to connect to.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Closes all connections, and every new one at once.
    pub fn cut(&self) {
        self.is_open.send_replace(false);
    }

    /// Forwards again.
    pub fn restore(&self) {
        self.is_open.send_replace(true);
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.is_open.send_replace(false);
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, target: String, open: watch::Receiver<bool>) {
    while let Ok((client, _)) = listener.accept().await {
        tokio::spawn(forward(client, target.clone(), open.clone()));
    }
}

async fn forward(mut client: TcpStream, target: String, mut open: watch::Receiver<bool>) {
    if !*open.borrow() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    tokio::select! {
        _ = copy_bidirectional(&mut client, &mut server) => {}
        _ = open.wait_for(|is_open| !is_open) => {}
    }
}
