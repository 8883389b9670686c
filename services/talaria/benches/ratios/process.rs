//! The real program: from its start to the first answer, memory, and from an event to the API's call.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use anyhow::Context;
use tokio::time::MissedTickBehavior;

use crate::load::purchase;

const EVENTS: usize = 3000;
const PER_SECOND: u32 = 200;

/// When each event's first call arrived, by transaction.
type Arrivals = Arc<Mutex<HashMap<String, Instant>>>;

pub async fn start_and_latency() -> anyhow::Result<()> {
    println!("\nThe whole program: talaria up\n");
    let arrivals = Arrivals::default();
    let api = arrival_api(&arrivals)?;
    let directory = tempfile::tempdir()?;
    let client = reqwest::Client::builder().build()?;
    let mut starts = Vec::new();
    for round in 0..5 {
        let data = directory.path().join(round.to_string());
        let Started {
            child: mut up,
            took,
            ..
        } = start(&data, &api, &client, &[]).await?;
        starts.push(took);
        if round == 4 {
            println!(
                "  start to first 200             {:>6.1} ms (middle of 5)",
                middle_ms(&mut starts)
            );
            println!(
                "  resident when idle             {:>6.1} MB",
                resident_mb(up.id())?
            );
            event_to_call(&data, &client, &arrivals).await?;
            println!(
                "  resident after {EVENTS} events     {:>6.1} MB",
                resident_mb(up.id())?
            );
        }
        up.kill()?;
        up.wait()?;
    }
    println!("  limited by: one flush to disk for the publish, one for the claim; then the call");
    Ok(())
}

/// `talaria up`, once it has answered.
pub struct Started {
    pub child: Child,
    pub publisher: SocketAddr,
    took: Duration,
}

/// Starts it with variables of its environment more.
pub async fn start(
    data: &Path,
    api: &str,
    client: &reqwest::Client,
    more: &[(&str, &str)],
) -> anyhow::Result<Started> {
    let free = std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
    let mut command = Command::new(env!("CARGO_BIN_EXE_talaria"));
    command
        .args(["up", "--no-sandbox", "--data"])
        .arg(data)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    command.env("TALARIA_PUBLISHER__LISTEN", free.to_string());
    for part in ["UPDATER", "COUNTER"] {
        command.env(format!("TALARIA_{part}__LISTEN"), "127.0.0.1:0");
    }
    for name in ["CRM", "LOYALTY", "ERP", "MAIL", "CDP", "SHOP"] {
        command
            .env(format!("{name}_API_URL"), format!("{api}/{name}"))
            .env(format!("{name}_API_KEY"), "bench");
    }
    command.envs(more.iter().copied());
    let began = Instant::now();
    let child = command.spawn().context("talaria does not start")?;
    let url = format!("http://{free}/health/live");
    while !client
        .get(&url)
        .send()
        .await
        .is_ok_and(|answer| answer.status().is_success())
    {
        anyhow::ensure!(
            began.elapsed() < Duration::from_secs(20),
            "talaria did not answer within 20 s"
        );
        tokio::task::yield_now().await;
    }
    Ok(Started {
        child,
        publisher: free,
        took: began.elapsed(),
    })
}

async fn event_to_call(
    data: &Path,
    client: &reqwest::Client,
    arrivals: &Arrivals,
) -> anyhow::Result<()> {
    let addresses: serde_json::Value =
        serde_json::from_slice(&std::fs::read(data.join("addresses.json"))?)?;
    let url = format!(
        "{}/publish-event",
        addresses["publisher"].as_str().context("no address")?
    );
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut sent = HashMap::new();
    let mut posting = Vec::new();
    for index in 0..EVENTS {
        ticks.tick().await;
        let id = format!("bench-{index}");
        let request = client
            .post(&url)
            .header("content-type", "application/json")
            .body(purchase(&id).to_string());
        sent.insert(id, Instant::now());
        posting.push(tokio::spawn(request.send()));
    }
    for post in posting {
        post.await??.error_for_status()?;
    }
    let waiting = async {
        let mut ticks = tokio::time::interval(Duration::from_millis(50));
        while arrived(arrivals).len() < EVENTS {
            ticks.tick().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .context("not every event became a call")?;
    let arrived = arrived(arrivals);
    let mut took: Vec<Duration> = sent
        .iter()
        .map(|(id, at)| arrived[id].duration_since(*at))
        .collect();
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    println!(
        "  event to the API's call        p50 {:.1} ms, p95 {:.1} ms, p99 {:.1} ms ({PER_SECOND} purchases a second, six calls each)",
        at(0.50),
        at(0.95),
        at(0.99)
    );
    Ok(())
}

fn arrived(arrivals: &Arrivals) -> HashMap<String, Instant> {
    arrivals
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
}

/// An API that notes when a loyalty call of a transaction came first.
fn arrival_api(arrivals: &Arrivals) -> anyhow::Result<String> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    let address = listener.local_addr()?;
    let arrivals = web::Data::from(Arc::clone(arrivals));
    let server = HttpServer::new(move || {
        App::new()
            .app_data(arrivals.clone())
            .default_service(web::to(note_arrival))
    });
    tokio::spawn(server.workers(1).disable_signals().listen(listener)?.run());
    Ok(format!("http://{address}"))
}

async fn note_arrival(
    request: HttpRequest,
    body: web::Bytes,
    arrivals: web::Data<Mutex<HashMap<String, Instant>>>,
) -> HttpResponse {
    if request.path().starts_with("/LOYALTY")
        && let Ok(call) = serde_json::from_slice::<serde_json::Value>(&body)
        && let Some(transaction) = call["transactionRef"].as_str()
    {
        let mut arrivals = arrivals.lock().unwrap_or_else(PoisonError::into_inner);
        arrivals
            .entry(transaction.to_owned())
            .or_insert_with(Instant::now);
    }
    HttpResponse::Ok().finish()
}

fn middle_ms(took: &mut [Duration]) -> f64 {
    took.sort();
    took[took.len() / 2].as_secs_f64() * 1000.0
}

pub fn resident_mb(process: u32) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .context("no VmRSS: not Linux?")?;
    let kibibytes: f64 = line
        .split_whitespace()
        .nth(1)
        .context("no figure")?
        .parse()?;
    Ok(kibibytes / 1024.0)
}
