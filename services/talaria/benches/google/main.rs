//! What Talaria makes of Google's emulators, as ratios measured side by side in one run. `scripts/bench` starts a fresh
//! pair of emulators for it; they, the load and the programs share the machine.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

mod cpu;
mod emulators;
mod ledger;
#[path = "../ratios/load.rs"]
#[expect(dead_code, reason = "the other bench uses more of it")]
mod load;
mod plain_counter;
mod publishing;
mod purchases;
mod pushes;
#[path = "../ratios/servers.rs"]
#[expect(dead_code, reason = "the other bench uses more of it")]
mod servers;
mod tallying;
mod turns;

use anyhow::ensure;

/// What is promised of tallying in batches against one commit an event: of the store alone, and of the whole counter behind
/// HTTP against a plain one that gets the same pushes.
const PROMISED: f64 = 3.0;

fn main() -> anyhow::Result<()> {
    // Cargo adds options of its own; words choose parts.
    let chosen: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let is_wanted = |part: &str| chosen.is_empty() || chosen.iter().any(|one| one == part);
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let mut ratio = None;
        if is_wanted("tallying") {
            ratio = Some(tallying::compare().await?);
        }
        if is_wanted("ledger") {
            ledger::compare().await?;
        }
        if is_wanted("publishing") {
            publishing::compare().await?;
        }
        let kept = ratio.is_none_or(|ratio| ratio >= PROMISED);
        ensure!(
            kept,
            "tallying takes less than {PROMISED} times the events of one commit an event, which is promised"
        );
        Ok(())
    })
}
