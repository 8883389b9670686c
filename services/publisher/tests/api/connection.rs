//! Requests as bytes.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::helpers::TestPublisher;

/// A connection of a test's own, for what no HTTP client would send.
pub struct Connection(TcpStream);

impl Connection {
    pub async fn to(publisher: &TestPublisher) -> Self {
        let connected = TcpStream::connect(publisher.application.address()).await;
        Self(connected.expect("a connection"))
    }

    pub async fn send(&mut self, text: &str) {
        self.0.write_all(text.as_bytes()).await.expect("it is sent");
    }

    /// An answer with its body.
    pub async fn answer(&mut self) -> String {
        let reading = async {
            let mut read = Vec::new();
            loop {
                let text = String::from_utf8_lossy(&read);
                if let Some((head, body)) = text.split_once("\r\n\r\n")
                    && body.len() >= length(head)
                {
                    return text.into_owned();
                }
                let byte = self.0.read_u8().await.expect("the connection lasts");
                read.push(byte);
            }
        };
        tokio::time::timeout(testing::PATIENCE, reading)
            .await
            .expect("an answer in time")
    }

    /// Waits until the other side has closed, however much is sent meanwhile.
    pub async fn until_closed(mut self, more: &str) {
        let (mut reading, mut writing) = self.0.split();
        let mut rest = Vec::new();
        let closing = async {
            let sending = async {
                if more.is_empty() {
                    std::future::pending::<()>().await;
                }
                while writing.write_all(more.as_bytes()).await.is_ok() {}
            };
            // Reset or ended: either way it is closed.
            let ending = async { reading.read_to_end(&mut rest).await.unwrap_or_default() };
            tokio::select! {
                () = sending => {}
                _ = ending => {}
            }
        };
        tokio::time::timeout(testing::PATIENCE, closing)
            .await
            .expect("the connection is closed in time");
    }
}

fn length(head: &str) -> usize {
    let lower = head.to_ascii_lowercase();
    let line = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    line.and_then(|length| length.parse().ok()).unwrap_or(0)
}
