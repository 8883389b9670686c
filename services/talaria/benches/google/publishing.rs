//! The publisher on Pub/Sub, against bare actix-web and against the bus without HTTP.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bus::{Bus, Message, attribute};
use google::pubsub::PubSubBus;
use tokio::task::JoinSet;

use crate::emulators::{self, TOPIC};
use crate::load::{self, Measured, Script, purchase, wrk};
use crate::servers;
use crate::turns::{ROUNDS, millis, share};

const TURN: Duration = Duration::from_secs(3);
const AT_ONCE: [usize; 3] = [16, 64, 256];
const NAMES: [&str; 3] = [
    "bare actix-web that reads and parses the body",
    "the bus alone: publishes awaited",
    "the publisher",
];

/// Prints what each does.
pub async fn compare() -> anyhow::Result<()> {
    println!("\nPublishing on the Pub/Sub emulator: a purchase of three items, so many at once\n");
    let bare = servers::bare(servers::Bare::ParsesAndAccepts)?.url("/publish-event");
    let bus = Arc::new(emulators::bus().await?);
    let publisher = servers::publisher(Arc::clone(&bus) as Arc<dyn Bus>)?.url("/publish-event");
    let script = Script::publish()?;
    // The emulator's first work is slow.
    wrk(&publisher, &script, 256, TURN).await?;
    for at_once in AT_ONCE {
        let mut measured: [Vec<Measured>; 3] = Default::default();
        for _ in 0..ROUNDS {
            measured[0].push(wrk(&bare, &script, at_once, TURN).await?);
            measured[1].push(alone(&bus, at_once).await?);
            measured[2].push(wrk(&publisher, &script, at_once, TURN).await?);
        }
        print(at_once, &measured.map(|rounds| load::middle(&rounds)));
    }
    println!(
        "  limited by: few at once wait for the millisecond in which Google's client gathers messages; many, for the processor"
    );
    bus.stop().await;
    Ok(())
}

fn print(at_once: usize, middles: &[Measured; 3]) {
    for (middle, name) in middles.iter().zip(NAMES) {
        let [of_bare, of_bus] = [0, 1].map(|other| middle.per_second / middles[other].per_second);
        println!(
            "  {at_once:>3}  {name:<46} {:>7.0}/s  of bare {of_bare:>4.2}  of the bus {of_bus:>5.2}  p50 {:>7}  p99 {:>8}  refused {}",
            middle.per_second, middle.p50, middle.p99, middle.refused
        );
    }
}

/// Publishes for a turn, each worker when its last message was answered.
async fn alone(bus: &Arc<PubSubBus>, at_once: usize) -> anyhow::Result<Measured> {
    let message = message();
    let began = Instant::now();
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (bus, message) = (Arc::clone(bus), message.clone());
        workers.spawn(async move {
            let mut waits = Vec::new();
            while began.elapsed() < TURN {
                let sent = Instant::now();
                bus.publish(TOPIC, message.clone()).await?;
                waits.push(sent.elapsed());
            }
            anyhow::Ok(waits)
        });
    }
    let mut waits = Vec::new();
    while let Some(worker) = workers.join_next().await {
        waits.extend(worker??);
    }
    let took = began.elapsed();
    waits.sort();
    let told = |of: f64| format!("{:.2}ms", millis(share(&waits, of)));
    Ok(Measured {
        per_second: waits.len() as f64 / took.as_secs_f64(),
        p50: told(0.5),
        p99: told(0.99),
        answered: u64::try_from(waits.len())?,
        refused: 0,
    })
}

/// What the publisher makes of the same event.
fn message() -> Message {
    let attributes = [
        (attribute::EVENT_TYPE, "purchase"),
        (attribute::EVENT_ID, "bench"),
        (attribute::RECEIVED_MS, "1764060134221"),
        (attribute::SCHEMA_VERSION, "1"),
        (
            attribute::TRACEPARENT,
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        ),
    ];
    let text = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
    Message {
        data: purchase("bench").to_string().into_bytes().into(),
        attributes: BTreeMap::from_iter(attributes.map(text)),
    }
}
