//! The container that the tag runs in: the template's runner, in Node.js.

use std::process::Stdio;

use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::process::Command;

use super::TRACE;
use super::ways::{ACCESS_TOKEN, Way};

const RUNNER: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../infra/sgtm/tests/fire.mjs"
);

/// How one firing of the tag ended, and what it logged.
#[derive(Debug, Deserialize)]
pub struct Fired {
    pub ended: Value,
    pub logged: Vec<Value>,
}

pub struct Container {
    keys: Value,
    reach: Value,
}

impl Container {
    /// A container with the key file of `way`, from which the tag's target is found at `url`.
    pub fn new(way: &Way, url: &str) -> Self {
        let mut reach = way.reach.clone();
        reach[way.target] = url.into();
        Self {
            keys: way.keys.clone(),
            reach,
        }
    }

    /// Fires the tag for each event in turn, with these fields and a request that belongs to the trace.
    pub async fn fire(&self, fields: &Value, events: &[Value]) -> Vec<Fired> {
        let headers = json!({"traceparent": format!("00-{TRACE}-b7ad6b7169203331-01")});
        let firing =
            |event: &Value| json!({"event": event, "fields": fields, "headers": headers.clone()});
        let firings: Vec<Value> = events.iter().map(firing).collect();
        let input = json!({
            "reach": self.reach, "keys": self.keys, "firings": firings, "accessToken": ACCESS_TOKEN,
        });
        let mut node = Command::new("node")
            .arg(RUNNER)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts: install Node.js 20 or later");
        let mut stdin = node.stdin.take().expect("it is piped");
        let written = stdin.write_all(input.to_string().as_bytes()).await;
        drop(stdin);
        let output = node.wait_with_output().await.expect("it ends");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && written.is_ok(), "{told}");
        serde_json::from_slice(&output.stdout).expect("its answer is JSON")
    }
}
