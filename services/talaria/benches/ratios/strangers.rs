//! Requests whose senders prove nothing: what refusing one costs, what many hold on to, and what the others notice.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use crate::load::{Measured, Script, middle, wrk};
use crate::servers::{self, SECRET};
use crate::{CONNECTIONS, ROUNDS, TURN, process};

/// How many ask at once, each on a new connection as soon as the last one was answered.
const ASKING: usize = 64;
/// Connections that a flood leaves hanging.
const HANGING: usize = 2000;
/// How many of them are replaced by new ones, where signed requests come beside them.
const NEW_PER_SECOND: u32 = 2000;
/// What each says it will send, and what it does send.
const ANNOUNCED: usize = 1 << 20;
const SENT: usize = 16 << 10;

pub async fn strangers() -> anyhow::Result<()> {
    refusing().await?;
    holding().await?;
    beside().await
}

/// How many requests that announce a body and send none are answered, each on a connection of its own.
async fn refusing() -> anyhow::Result<()> {
    println!("\nStrangers: a head without proof that announces 1 MiB, {ASKING} at once\n");
    let bare = servers::bare(servers::Bare::Accepts)?;
    let publisher = servers::guarded_publisher(servers::taking_bus())?;
    let targets = [
        ("bare actix-web that answers 200, unread", bare, "200"),
        ("publisher: 401 from the head alone", publisher, "401"),
    ];
    let mut rates = [const { Vec::new() }; 2];
    for _ in 0..ROUNDS {
        for (rates, (_, server, status)) in rates.iter_mut().zip(&targets) {
            rates.push(answered_per_second(server.address(), status).await?);
        }
    }
    let middles = rates.map(|mut rates| {
        rates.sort_by(f64::total_cmp);
        rates[rates.len() / 2]
    });
    for (rate, (name, ..)) in middles.iter().zip(&targets) {
        let ratio = rate / middles[0];
        println!("  {name:<48} {rate:>8.0}/s  ratio {ratio:>5.2}");
    }
    println!("  limited by: CPU (accepting a connection each, here and there)");
    Ok(())
}

async fn answered_per_second(address: SocketAddr, status: &'static str) -> anyhow::Result<f64> {
    let answered = Arc::new(AtomicU64::new(0));
    let (began, mut asking) = (Instant::now(), JoinSet::new());
    for _ in 0..ASKING {
        let answered = Arc::clone(&answered);
        asking.spawn(async move {
            while began.elapsed() < TURN {
                drop(stranger(address, 0, status).await?);
                answered.fetch_add(1, Ordering::Relaxed);
            }
            anyhow::Ok(())
        });
    }
    while let Some(ended) = asking.join_next().await {
        ended??;
    }
    Ok(answered.load(Ordering::Relaxed) as f64 / began.elapsed().as_secs_f64())
}

/// Memory of the whole program while strangers hang.
async fn holding() -> anyhow::Result<()> {
    println!(
        "\nStrangers: {HANGING} connections, each with 16 KiB of a body of 1 MiB, at talaria up\n"
    );
    let directory = tempfile::tempdir()?;
    let client = reqwest::Client::builder().build()?;
    let proof = [
        ("TALARIA_PUBLISHER__CALLERS", "shared-secret"),
        ("TALARIA_PUBLISHER__SHARED_SECRET", SECRET),
    ];
    // Nothing is published, so no API is called.
    let up = process::start(directory.path(), "http://127.0.0.1:9", &client, &proof).await?;
    let (mut child, address) = (up.child, up.publisher);
    let idle = process::resident_mb(child.id())?;
    let mut hanging = VecDeque::new();
    for _ in 0..HANGING {
        hanging.push_back(stranger(address, SENT, "401").await?);
    }
    let held = process::resident_mb(child.id())?;
    drop(hanging);
    println!("  resident when idle             {idle:>6.1} MB");
    println!("  resident while they hang       {held:>6.1} MB");
    println!(
        "  bodies that were announced     {:>6.1} MB",
        ((HANGING * ANNOUNCED) >> 20) as f64
    );
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Signed events with and without a flood beside them.
async fn beside() -> anyhow::Result<()> {
    println!(
        "\nStrangers: signed events over {CONNECTIONS} connections, beside {HANGING} that hang and {NEW_PER_SECOND} new ones a second\n"
    );
    let directory = tempfile::tempdir()?;
    let publisher = servers::guarded_publisher(servers::durable_bus(directory.path()).await?)?;
    let script = Script::publish_with_key(SECRET)?;
    let url = publisher.url("/publish-event");
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        alone.push(wrk(&url, &script, CONNECTIONS, TURN).await?);
        let flood = tokio::spawn(flood(publisher.address()));
        beside.push(wrk(&url, &script, CONNECTIONS, TURN).await?);
        anyhow::ensure!(!flood.is_finished(), "the flood broke: {:?}", flood.await);
        flood.abort();
    }
    let (alone, beside) = (middle(&alone), middle(&beside));
    for (name, measured) in [("alone", &alone), ("beside the flood", &beside)] {
        let Measured {
            per_second,
            p50,
            p99,
            refused,
            ..
        } = measured;
        let ratio = per_second / alone.per_second;
        println!(
            "  {name:<48} {per_second:>8.0}/s  ratio {ratio:>5.2}  p50 {p50:>7}  p99 {p99:>8}  refused {refused}"
        );
    }
    println!("  limited by: CPU; the flood's own side runs on the same cores");
    Ok(())
}

/// Keeps so many strangers hanging, and replaces the oldest by a new one at a steady rate.
async fn flood(address: SocketAddr) -> anyhow::Result<()> {
    let mut hanging = VecDeque::with_capacity(HANGING);
    let mut ticks = tokio::time::interval(Duration::from_secs(1) / NEW_PER_SECOND);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        if hanging.len() == HANGING {
            hanging.pop_front();
            ticks.tick().await;
        }
        hanging.push_back(stranger(address, SENT, "401").await?);
    }
}

/// One request without proof, once it was answered so.
async fn stranger(address: SocketAddr, sent: usize, status: &str) -> anyhow::Result<TcpStream> {
    let mut connection = TcpStream::connect(address)
        .await
        .context("no connection: are more open files allowed, as by ulimit -n 10000?")?;
    // Closed addresses that linger would use up the machine's ports within seconds.
    connection.set_zero_linger()?;
    let head = format!(
        "POST /publish-event HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {ANNOUNCED}\r\n\r\n"
    );
    let mut request = head.into_bytes();
    request.resize(request.len() + sent, b' ');
    connection.write_all(&request).await?;
    let mut answer = [0; 12];
    connection.read_exact(&mut answer).await?;
    anyhow::ensure!(
        answer.ends_with(status.as_bytes()),
        "{}",
        answer.escape_ascii()
    );
    Ok(connection)
}
