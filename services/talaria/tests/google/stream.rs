//! The live stream as a browser reads it.

use serde_json::Value;
use testing::PATIENCE;

/// An open stream.
pub struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    pub async fn open(client: &reqwest::Client, counter: &str) -> Self {
        let url = format!("{counter}/api/stream?window=all");
        let response = client.get(url).send().await.expect("an answer");
        assert_eq!(response.status(), 200);
        let text = String::new();
        Self { response, text }
    }

    /// Reads on to an event of this name whose data is as wanted, and returns that.
    pub async fn next(&mut self, name: &str, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let reading = async {
            loop {
                let frame = self.frame().await;
                let field = |name: &str| {
                    let start = format!("{name}: ");
                    frame.lines().find_map(|line| line.strip_prefix(&start))
                };
                if field("event") == Some(name) {
                    let data = serde_json::from_str(field("data").expect("data"));
                    let data: Value = data.expect("JSON");
                    if is_wanted(&data) {
                        return data;
                    }
                }
            }
        };
        let read = tokio::time::timeout(PATIENCE, reading).await;
        read.unwrap_or_else(|_| panic!("waited {PATIENCE:?} for a {name}"))
    }

    async fn frame(&mut self) -> String {
        loop {
            if let Some((frame, rest)) = self.text.split_once("\n\n") {
                let (frame, rest) = (frame.to_owned(), rest.to_owned());
                self.text = rest;
                return frame;
            }
            let chunk = self.response.chunk().await.expect("no broken transfer");
            let chunk = chunk.expect("the stream goes on");
            self.text
                .push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
        }
    }
}
