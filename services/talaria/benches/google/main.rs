//! What Talaria makes of Google's emulators, as ratios measured side by side in one run. `scripts/bench` starts a fresh
//! pair of emulators for it; they, the load and the programs share the machine.

#![expect(clippy::print_stdout, reason = "printing is what this program is for")]

mod cpu;
mod emulators;
mod ledger;
#[path = "../ratios/load.rs"]
#[expect(dead_code, reason = "the other bench uses more of it")]
mod load;
mod publishing;
mod purchases;
mod pushes;
#[path = "../ratios/servers.rs"]
#[expect(dead_code, reason = "the other bench uses more of it")]
mod servers;
mod tallying;
mod turns;

use anyhow::ensure;

/// What the design promises of the counter against one commit an event.
const PROMISED: f64 = 3.0;

fn main() -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new()?;
    runtime.block_on(async {
        let ratio = tallying::compare().await?;
        ledger::compare().await?;
        publishing::compare().await?;
        ensure!(
            ratio >= PROMISED,
            "the counter takes {ratio:.2} times the events of one commit an event, and {PROMISED} is promised"
        );
        Ok(())
    })
}
