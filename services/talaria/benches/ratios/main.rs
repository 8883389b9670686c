//! What Talaria costs, as ratios measured side by side in one run. Absolute times depend on the machine; the ratio of
//! two programs that took turns on it in the same minutes does not, much.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

mod load;
mod process;
mod servers;
mod strangers;

use std::time::Duration;

use load::{Measured, Script, wrk};

/// Programs take turns this often; the middle figure of each counts.
const ROUNDS: usize = 5;
const TURN: Duration = Duration::from_secs(4);
const CONNECTIONS: usize = 32;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        publishing().await?;
        observing().await?;
        updating().await?;
        tallying().await?;
        strangers::strangers().await?;
        process::start_and_latency().await
    })
}

async fn publishing() -> anyhow::Result<()> {
    println!("\nPublishing: POST /publish-event, a purchase of three items, 32 connections\n");
    let bare = servers::bare(servers::Bare::ParsesAndAccepts)?;
    let taking = servers::publisher(servers::taking_bus())?;
    let directory = tempfile::tempdir()?;
    let durable = servers::publisher(servers::durable_bus(directory.path()).await?)?;
    let script = Script::publish()?;
    let targets = [
        (
            "bare actix-web that reads and parses the body",
            bare.url("/publish-event"),
        ),
        (
            "publisher on a bus that takes everything",
            taking.url("/publish-event"),
        ),
        (
            "publisher, durable (embedded bus)",
            durable.url("/publish-event"),
        ),
    ];
    compare(&targets, &script).await?;
    println!(
        "  limited by: CPU (parsing, validating, normalising); durable by the disk's flushes, shared by what waits"
    );
    Ok(())
}

async fn observing() -> anyhow::Result<()> {
    println!("\nTelling: the same publisher without telemetry and with it, two spans a request\n");
    let receiver = servers::bare(servers::Bare::Accepts)?;
    let off = servers::publisher(servers::taking_bus())?;
    let some = servers::observed_publisher(servers::taking_bus(), &receiver, 0.01)?;
    let all = servers::observed_publisher(servers::taking_bus(), &receiver, 1.0)?;
    let script = Script::publish()?;
    let targets = [
        ("off", off.url("/publish-event")),
        (
            "metrics, and one trace of a hundred",
            some.url("/publish-event"),
        ),
        ("metrics and every trace", all.url("/publish-event")),
    ];
    compare(&targets, &script).await?;
    println!(
        "  limited by: CPU (making and encoding spans); beyond the queue spans are lost, not waited for"
    );
    Ok(())
}

async fn updating() -> anyhow::Result<()> {
    println!("\nUpdating: a push of a new event each, one call each, 32 connections\n");
    let api = servers::bare(servers::Bare::Accepts)?;
    let directory = tempfile::tempdir()?;
    let updater = servers::updater(directory.path(), &api.url(""))?;
    let script = Script::push()?;
    let targets = [
        ("the mock API called bare", api.url("/call")),
        (
            "updater: claimed, called, settled",
            updater.url("/process-backend-update/api"),
        ),
    ];
    compare(&targets, &script).await?;
    println!(
        "  limited by: two ledger commits an event (claim, settle) on one writer, and the call's own round trip;"
    );
    println!("  the mock API and the load run on the same cores");
    Ok(())
}

async fn tallying() -> anyhow::Result<()> {
    println!("\nTallying: a push of a new purchase of three items each, 32 connections, durable\n");
    let directory = tempfile::tempdir()?;
    let (alone, alone_store) = servers::counter(&directory.path().join("alone.sqlite"), 1)?;
    let (together, together_store) =
        servers::counter(&directory.path().join("together.sqlite"), 500)?;
    let script = Script::push()?;
    let targets = [
        ("one commit an event", alone.url("/tally")),
        (
            "counter: events that wait share a commit",
            together.url("/tally"),
        ),
    ];
    let measured = compare(&targets, &script).await?;
    for ((name, _), (store, answered)) in targets
        .iter()
        .zip([alone_store, together_store].iter().zip(measured))
    {
        println!(
            "  {name:<48} {:>8.1} events a commit",
            answered as f64 / store.commits().max(1) as f64
        );
    }
    println!(
        "  limited by: CPU of the one writer (each event changes three steps of each of its items)"
    );
    Ok(())
}

/// Prints what each target does; returns how many requests each answered well.
async fn compare(targets: &[(&str, String)], script: &Script) -> anyhow::Result<Vec<u64>> {
    let mut measured: Vec<Vec<Measured>> = vec![Vec::new(); targets.len()];
    for _ in 0..ROUNDS {
        for (rounds, (_, url)) in measured.iter_mut().zip(targets) {
            rounds.push(wrk(url, script, CONNECTIONS, TURN).await?);
        }
    }
    let middles: Vec<Measured> = measured.iter().map(|rounds| load::middle(rounds)).collect();
    for (middle, (name, _)) in middles.iter().zip(targets) {
        let ratio = middle.per_second / middles[0].per_second;
        println!(
            "  {name:<48} {:>8.0}/s  ratio {ratio:>5.2}  p50 {:>7}  p99 {:>8}  refused {}",
            middle.per_second, middle.p50, middle.p99, middle.refused
        );
    }
    Ok(measured
        .iter()
        .map(|rounds| {
            rounds
                .iter()
                .map(|round| round.answered - round.refused)
                .sum()
        })
        .collect())
}
