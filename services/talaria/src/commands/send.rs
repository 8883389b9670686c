//! `talaria send`: events from files to a publisher, one by one.

mod answer;
mod delivery;
mod input;
mod report;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;

use crate::commands::kept;
use crate::invocation::{Completion, Invocation};
use crate::proof::Proof;
use crate::settings::TalariaSettings;
use delivery::{Delivery, Summary};
use input::Events;

const EXAMPLES: &str = "\
Examples:
  talaria send events.jsonl
  cat events.jsonl | talaria send - --rate 50
  talaria send order.json --to https://publisher.example.com --json
  TALARIA_PUBLISHER__HMAC_KEY=whsec_… talaria send order.json";

/// What is sent where.
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct SendArguments {
    /// JSON (one event, or an array of them) or NDJSON; - reads standard input
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The publisher's address [default: the one that `talaria up` uses here]
    #[arg(long, value_name = "URL")]
    to: Option<String>,
    /// The publisher's shared secret [default: TALARIA_PUBLISHER__SHARED_SECRET]
    #[arg(long, value_name = "SECRET")]
    key: Option<String>,
    /// The key to sign with, for a publisher whose callers are hmac [default: TALARIA_PUBLISHER__HMAC_KEY]
    #[arg(long, value_name = "KEY", conflicts_with = "key")]
    hmac_key: Option<String>,
    /// At most this many events a second
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
    /// Print the summary as JSON
    #[arg(long)]
    json: bool,
}

/// Sends all files in turn and says what was accepted.
pub(crate) async fn run(
    invocation: &Invocation,
    arguments: &SendArguments,
) -> anyhow::Result<Completion> {
    let settings = invocation.settings()?;
    let delivery = Delivery {
        client: kept::client()?,
        url: publish_url(arguments.to.as_deref(), &settings)?,
        proof: proof(arguments, &settings)?,
        clock: Arc::clone(&invocation.clock),
        spacing: arguments.rate.map(|rate| Duration::from_secs(1) / rate),
    };
    let mut summary = Summary::default();
    for file in &arguments.files {
        let events = Events::open(file)?;
        delivery.send(file, events, &mut summary).await?;
    }
    report::print(&summary, arguments.json)?;
    Ok(Completion::of(
        summary.refused.is_empty() && summary.refused_more == 0,
    ))
}

/// As the command line says, else as the settings do.
fn proof(arguments: &SendArguments, settings: &TalariaSettings) -> anyhow::Result<Proof> {
    match (&arguments.key, &arguments.hmac_key) {
        (Some(key), _) => Ok(Proof::shared_secret(key)),
        (None, Some(key)) => Proof::signature("--hmac-key", &publisher::Secret::new(key)),
        (None, None) => Proof::of_settings(&settings.publisher),
    }
}

/// The address of `/publish-event`, whether or not the given address names it already.
fn publish_url(to: Option<&str>, settings: &TalariaSettings) -> anyhow::Result<reqwest::Url> {
    let base = match to {
        Some(to) => to.to_owned(),
        None => format!("http://{}", usual_address(settings)),
    };
    let base = base
        .trim_end_matches('/')
        .trim_end_matches("/publish-event");
    let url: reqwest::Url = format!("{base}/publish-event").parse().with_context(|| {
        format!("{base} is no address: write one such as http://127.0.0.1:8080")
    })?;
    if !matches!(url.scheme(), "http" | "https") {
        bail!("{base} is no address of a publisher: it begins with http:// or https://");
    }
    Ok(url)
}

/// Where `talaria up` listens: what the settings say, or, where they leave the port open, what it wrote down.
fn usual_address(settings: &TalariaSettings) -> String {
    let listen = settings.publisher.listen.clone();
    if !listen.ends_with(":0") {
        return listen;
    }
    let written = std::fs::read(settings.addresses_file()).unwrap_or_default();
    let written: serde_json::Value = serde_json::from_slice(&written).unwrap_or_default();
    match written["publisher"].as_str() {
        Some(address) => address.trim_start_matches("http://").to_owned(),
        None => listen,
    }
}
