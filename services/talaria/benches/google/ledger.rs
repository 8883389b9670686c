//! The updater's ledger on Firestore: a claim and an advance an event, against two bare commits.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::bail;
use events::{Clock, SystemClock};
use google::firestore::{BareCommits, FirestoreStore};
use store::{
    Advance, Change, Claim, ClaimRequest, EffectState, EventReference, Ledger, RequestedEffect,
};

use crate::cpu::Watched;
use crate::emulators::{database, empty};
use crate::turns::{ROUNDS, Turn, at_once, middle};

const AT_ONCE: usize = 32;
const EVENTS: usize = 3_000;
/// About what the ledger writes of an event.
const BARE_BYTES: usize = 600;

/// Prints what each does.
pub async fn compare() -> anyhow::Result<()> {
    println!(
        "\nThe updater's ledger on the Firestore emulator: one event claimed and settled, 32 at a time\n"
    );
    let watched = Watched::with_emulator(&testing::firestore_emulator());
    let mut measured: [Vec<Turn>; 2] = Default::default();
    for round in 0..=ROUNDS {
        let turns = [bare(&watched).await?, ledger(&watched).await?];
        for (measured, turn) in measured.iter_mut().zip(turns).skip_while(|_| round == 0) {
            measured.push(turn);
        }
    }
    let middles = measured.map(middle);
    let names = ["two bare commits an event", "the ledger: claim and advance"];
    for (turn, name) in middles.iter().zip(names) {
        let ratio = turn.per_second() / middles[0].per_second();
        println!(
            "  {name:<48} {:>8.0}/s  ratio {ratio:>5.2}",
            turn.per_second()
        );
        println!("      {}", turn.commits_and_waits());
        println!("      processor an event: {}", turn.processor());
    }
    Ok(())
}

async fn bare(watched: &Watched) -> anyhow::Result<Turn> {
    let database = database();
    let commits = Arc::new(BareCommits::new(database.clone()));
    let content: Arc<str> = "x".repeat(BARE_BYTES).into();
    let turn = turn(watched, move |number| {
        let (commits, content) = (Arc::clone(&commits), Arc::clone(&content));
        async move {
            for _ in 0..2 {
                commits.put(&number.to_string(), &content).await?;
            }
            Ok(())
        }
    });
    let turn = turn.await?;
    empty(&database).await?;
    Ok(turn)
}

async fn ledger(watched: &Watched) -> anyhow::Result<Turn> {
    let database = database();
    let store = Arc::new(FirestoreStore::new(database.clone()));
    let turn = turn(watched, {
        let store = Arc::clone(&store);
        move |number| work(Arc::clone(&store), number)
    });
    let turn = turn.await?;
    for number in [0, EVENTS - 1] {
        let again = store.claim(request(number)).await?;
        anyhow::ensure!(again == Claim::Settled, "event {number} is not settled");
    }
    empty(&database).await?;
    Ok(turn)
}

async fn turn<W, F>(watched: &Watched, work: W) -> anyhow::Result<Turn>
where
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let (began, before) = (Instant::now(), watched.used()?);
    let waits = at_once(AT_ONCE, EVENTS, work).await?;
    Ok(Turn {
        events: EVENTS,
        took: began.elapsed(),
        used: watched.used()?.since(before),
        load: Duration::ZERO,
        events_a_commit: 0.5,
        waits,
    })
}

async fn work(store: Arc<FirestoreStore>, number: usize) -> anyhow::Result<()> {
    let request = request(number);
    let (at, key) = (request.now, request.effects[0].key.clone());
    let lease = match store.claim(request).await? {
        Claim::Granted { lease, .. } => lease,
        other => bail!("a new event was not granted: {other:?}"),
    };
    let done = Change {
        key,
        state: EffectState::Done { at },
        attempt: None,
    };
    let step = Advance {
        lease,
        changes: vec![done],
        until: None,
    };
    Ok(store.advance(step).await?)
}

fn request(number: usize) -> ClaimRequest {
    let (identity, now) = (format!("purchase:ORD-{number}"), SystemClock.now());
    let effect = RequestedEffect {
        key: format!("{identity}/purchase-points"),
        route: "purchase-points".into(),
        element: None,
    };
    ClaimRequest {
        event: EventReference {
            identity,
            content_hash: "5f1d3c".repeat(10),
            event_id: Some(format!("evt-{number}")),
            event_type: Some("purchase".into()),
            received: now,
        },
        destination: "loyalty".into(),
        effects: vec![effect],
        owner: "bench".into(),
        now,
        lease: Duration::from_secs(15),
        grace: Duration::from_secs(10),
        expires: now.plus(Duration::from_secs(45 * 24 * 60 * 60)),
    }
}
