//! Load, made by wrk.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tempfile::NamedTempFile;
use tokio::process::Command;

/// What one run of wrk saw.
#[derive(Clone, Debug)]
pub struct Measured {
    pub per_second: f64,
    pub p50: String,
    pub p99: String,
    /// Answers.
    pub answered: u64,
    /// Answers that were neither 2xx nor 3xx.
    pub refused: u64,
}

/// What wrk sends.
pub struct Script(NamedTempFile);

/// A purchase of three items.
pub fn purchase(id: &str) -> serde_json::Value {
    json!({
        "eventType": "purchase", "eventId": id, "clientId": "1203948571.1763981200", "userId": "cust-48120",
        "data": {"transactionId": id, "value": 184.5, "currency": "EUR", "loyaltyTier": "gold", "items": [
            {"item_id": "LAMP-07", "item_name": "Brass Desk Lamp", "price": 129.5, "quantity": 1, "item_category": "Lighting"},
            {"item_id": "BULB-E14", "item_name": "LED Bulb E14", "price": 5.5, "quantity": 8, "item_category": "Lighting"},
            {"item_id": "SHADE-3", "item_name": "Linen Shade", "price": 11, "quantity": 1, "item_category": "Lighting"},
        ]},
    })
}

impl Script {
    /// The same event each time: the publisher doesn't tell events apart.
    pub fn publish() -> anyhow::Result<Self> {
        Self::write(&format!(
            "wrk.method = 'POST'\nwrk.headers['Content-Type'] = 'application/json'\nwrk.body = [==[{}]==]\n",
            purchase("bench")
        ))
    }

    /// The same with the shared secret.
    pub fn publish_with_key(secret: &str) -> anyhow::Result<Self> {
        let mut script = Self::publish()?;
        writeln!(script.0, "wrk.headers['X-Talaria-Key'] = '{secret}'")?;
        Ok(script)
    }

    /// A push of a new event each time: the data are the same, the identity is another.
    pub fn push() -> anyhow::Result<Self> {
        let mut event = purchase("bench");
        // Orders of one transaction would all be one order to the tallies.
        if let Some(data) = event["data"].as_object_mut() {
            data.remove("transactionId");
        }
        let data = STANDARD.encode(event.to_string());
        Self::write(&format!(
            r#"
local run = tostring(os.time()) .. '-' .. tostring({{}}):sub(8)
local count = 0
function request()
  count = count + 1
  local id = run .. '-' .. count
  local body = '{{"message":{{"attributes":{{"talariaIdentity":"purchase:' .. id .. '"}},"data":"{data}","messageId":"' .. id
    .. '","publishTime":"2025-11-25T08:45:00Z"}},"subscription":"projects/local/subscriptions/bench"}}'
  return wrk.format('POST', nil, {{ ['Content-Type'] = 'application/json' }}, body)
end
"#
        ))
    }

    fn write(text: &str) -> anyhow::Result<Self> {
        let mut file = tempfile::Builder::new().suffix(".lua").tempfile()?;
        file.write_all(text.as_bytes())?;
        Ok(Self(file))
    }
}

/// Sends for `turn` over so many connections.
pub async fn wrk(
    url: &str,
    script: &Script,
    connections: usize,
    turn: Duration,
) -> anyhow::Result<Measured> {
    let output = Command::new("wrk")
        .args([
            "-t1",
            &format!("-c{connections}"),
            "--latency",
            &format!("-d{}s", turn.as_secs()),
            "-s",
        ])
        .arg(script.0.path())
        .arg(url)
        .output()
        .await
        .context("wrk does not start: install it (Debian: apt-get install wrk)")?;
    ensure!(
        output.status.success(),
        "wrk failed: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout);
    let after = |label: &str| {
        let line = text
            .lines()
            .find(|line| line.trim_start().starts_with(label))?;
        line.rsplit([' ', ':']).next().map(str::to_owned)
    };
    let requests = text.lines().find_map(|line| {
        line.trim()
            .split_once(" requests in ")
            .map(|(count, _)| count.to_owned())
    });
    Ok(Measured {
        per_second: after("Requests/sec")
            .context("wrk printed no rate")?
            .parse()?,
        answered: requests.context("wrk printed no count")?.parse()?,
        p50: after("50%").unwrap_or_default(),
        p99: after("99%").unwrap_or_default(),
        refused: after("Non-2xx").map_or(Ok(0), |count| count.parse())?,
    })
}

/// The run with the middle rate.
pub fn middle(rounds: &[Measured]) -> Measured {
    let mut rounds = rounds.to_vec();
    rounds.sort_by(|one, other| one.per_second.total_cmp(&other.per_second));
    rounds.swap_remove(rounds.len() / 2)
}
