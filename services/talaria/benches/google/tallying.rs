//! Tallies on Firestore: one commit an event, batches, and the counter itself.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use events::{Clock, SystemClock};
use google::firestore::{BareCommits, FirestoreSettings, FirestoreStore};
use store::tallies::{Range, Tallies, Tally};

use crate::cpu::Watched;
use crate::emulators::{database, empty};
use crate::plain_counter::PlainCounter;
use crate::purchases::{Purchase, check, purchases, units};
use crate::turns::{ROUNDS, Turn, at_once, middle};
use crate::{pushes, servers};

/// Commits of one event that are on their way at once.
const AT_ONCE: usize = 32;
const BATCH: usize = 500;
/// Enough for a full batch to wait while another is committed.
const CONNECTIONS: usize = 1_000;
const EVENTS_ONE_BY_ONE: usize = 5_000;
const EVENTS_TOGETHER: usize = 15_000;
/// As the program has it on Firestore.
const MIN_COMMIT_INTERVAL: Duration = Duration::from_secs(1);

const NAMES: [&str; 4] = [
    "one commit an event, 32 at a time",
    "the store, batches of 500",
    "one commit an event over HTTP, 32 at a time",
    "the counter over HTTP",
];

/// Prints what each does; returns how many times the events of one commit an event are taken by the store and by the
/// counter, the smaller of the two.
pub async fn compare() -> anyhow::Result<f64> {
    println!(
        "\nTallying on the Firestore emulator: new purchases of one to three of fifty items\n"
    );
    let watched = Watched::with_emulator(&testing::firestore_emulator());
    let mut measured: [Vec<Turn>; 4] = Default::default();
    for round in 0..=ROUNDS {
        let turns = [
            one_by_one(&watched).await?,
            in_batches(&watched).await?,
            served_one_by_one(&watched).await?,
            served(&watched).await?,
        ];
        for (measured, turn) in measured.iter_mut().zip(turns).skip_while(|_| round == 0) {
            measured.push(turn);
        }
    }
    let middles = measured.map(middle);
    let [bare, store, plain, counter] = middles.each_ref().map(Turn::per_second);
    for (turn, name) in middles.iter().zip(NAMES) {
        let (rate, ratio) = (turn.per_second(), turn.per_second() / bare);
        println!("  {name:<48} {rate:>8.0}/s  ratio {ratio:>5.2}");
        println!("      {}", turn.commits_and_waits());
        println!("      processor an event: {}", turn.processor());
    }
    println!("  every sum was compared with what was sent: exact");
    println!(
        "  limited by: the processor, most of it the emulator's; the counter has one commit in flight at a time"
    );
    let (store, counter) = (store / bare, counter / plain);
    println!(
        "  the counter against one commit an event, both over HTTP with 1,000 pushes in flight: {counter:.2}"
    );
    Ok(store.min(counter))
}

async fn one_by_one(watched: &Watched) -> anyhow::Result<Turn> {
    let database = database();
    let commits = Arc::new(BareCommits::new(database.clone()));
    let sent = Arc::new(purchases(EVENTS_ONE_BY_ONE));
    let (began, before) = (Instant::now(), watched.used()?);
    let waits = at_once(AT_ONCE, sent.len(), {
        let (commits, sent) = (Arc::clone(&commits), Arc::clone(&sent));
        move |number| count(Arc::clone(&commits), Arc::clone(&sent), number)
    });
    let waits = waits.await?;
    let (took, used) = (began.elapsed(), watched.used()?.since(before));
    check_counted(&commits, &sent).await?;
    empty(&database).await?;
    Ok(Turn {
        events: sent.len(),
        events_a_commit: 1.0,
        load: Duration::ZERO,
        took,
        used,
        waits,
    })
}

async fn check_counted(commits: &BareCommits, sent: &[Purchase]) -> anyhow::Result<()> {
    let units = units(sent);
    let items: Vec<String> = units.keys().cloned().collect();
    ensure!(
        commits.counted(&items).await? == units,
        "units are not those that were sent"
    );
    Ok(())
}

async fn count(
    commits: Arc<BareCommits>,
    sent: Arc<Vec<Purchase>>,
    number: usize,
) -> anyhow::Result<()> {
    let purchase = &sent[number];
    commits
        .count(purchase.order(), &purchase.increments())
        .await?;
    Ok(())
}

async fn in_batches(watched: &Watched) -> anyhow::Result<Turn> {
    let database = database();
    let store = FirestoreStore::new(database.clone());
    let (sent, now) = (purchases(EVENTS_TOGETHER), SystemClock.now());
    let tallies: Vec<Tally> = sent.iter().map(|purchase| purchase.tally(now)).collect();
    let mut waits = Vec::new();
    let (began, before) = (Instant::now(), watched.used()?);
    for batch in tallies.chunks(BATCH) {
        let began = Instant::now();
        store.tally(batch).await?;
        waits.push(began.elapsed());
    }
    waits.sort();
    let (took, used) = (began.elapsed(), watched.used()?.since(before));
    let commits = exact_commits(&store, &sent, &database).await?;
    Ok(Turn {
        events: sent.len(),
        events_a_commit: sent.len() as f64 / commits as f64,
        load: Duration::ZERO,
        took,
        used,
        waits,
    })
}

async fn served_one_by_one(watched: &Watched) -> anyhow::Result<Turn> {
    let database = database();
    let commits = Arc::new(BareCommits::new(database.clone()));
    let counter = PlainCounter::start(Arc::clone(&commits), AT_ONCE)?;
    let (sent, now) = (purchases(EVENTS_ONE_BY_ONE), SystemClock.now());
    let bodies: Vec<String> = sent.iter().map(|purchase| purchase.push(now)).collect();
    let answered = pushes::send(counter.address, &bodies, CONNECTIONS, watched).await?;
    counter.stop().await;
    check_counted(&commits, &sent).await?;
    empty(&database).await?;
    Ok(of_pushes(answered, 1.0))
}

async fn served(watched: &Watched) -> anyhow::Result<Turn> {
    let database = database();
    let store = Arc::new(FirestoreStore::new(database.clone()));
    let counter = counter(&store)?;
    let (sent, now) = (purchases(EVENTS_TOGETHER), SystemClock.now());
    let bodies: Vec<String> = sent.iter().map(|purchase| purchase.push(now)).collect();
    let answered = pushes::send(counter.address(), &bodies, CONNECTIONS, watched).await?;
    counter.stop().await.context("stopping the counter")?;
    let commits = exact_commits(&store, &sent, &database).await?;
    Ok(of_pushes(answered, sent.len() as f64 / commits as f64))
}

fn of_pushes(answered: pushes::Answered, events_a_commit: f64) -> Turn {
    Turn {
        events: answered.events,
        took: answered.took,
        used: answered.used,
        load: answered.load,
        events_a_commit,
        waits: answered.waits,
    }
}

/// How many commits there were, if their sums are those of the purchases; empties the database.
async fn exact_commits(
    store: &FirestoreStore,
    sent: &[Purchase],
    database: &FirestoreSettings,
) -> anyhow::Result<u64> {
    check(&store.sums(Range::all_time()).await?, sent)?;
    // Every commit that adds something makes one version.
    let commits = store.version().await?;
    empty(database).await?;
    Ok(commits)
}

fn counter(store: &Arc<FirestoreStore>) -> anyhow::Result<counter::Application> {
    let mut settings = counter::CounterSettings {
        max_batch: BATCH,
        min_commit_interval: MIN_COMMIT_INTERVAL,
        ..Default::default()
    };
    settings.http.workers = servers::WORKERS;
    let dependencies = counter::Dependencies {
        telemetry: telemetry::Telemetry::off(),
        tallies: Arc::clone(store) as Arc<dyn Tallies>,
        ledger: Arc::clone(store) as Arc<dyn store::Ledger>,
        dead_letters: Arc::clone(store) as Arc<dyn store::DeadLetters>,
        held_messages: Arc::clone(store) as Arc<dyn store::HeldMessages>,
        destination_reports: Arc::clone(store) as Arc<dyn store::DestinationReports>,
        clock: Arc::new(SystemClock),
        replayer: None,
        push_verifier: None,
    };
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    counter::Application::build(listener, dependencies, settings)
}
