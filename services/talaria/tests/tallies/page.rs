//! The page's API, asked as the page asks it.

use serde_json::Value;

/// Where a counter serves its page.
#[derive(Clone)]
pub struct Page {
    pub client: reqwest::Client,
    /// `http://address`.
    pub url: String,
}

impl Page {
    /// What it answers, which must be 200.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.client.get(format!("{}{path}", self.url)).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status().as_u16();
        let body = answer.text().await.expect("a body");
        assert_eq!(status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("JSON")
    }
}
