//! Turns: who is compared works by turns, and the middle one of each counts, whatever else the machine does meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use crate::cpu::Used;

/// Rounds that count. One more goes before them, since the emulator's first work is slow.
pub const ROUNDS: usize = 3;

/// What one turn did.
pub struct Turn {
    pub events: usize,
    pub took: Duration,
    /// Without what `load` used.
    pub used: Used,
    /// Processor time of a load in this process.
    pub load: Duration,
    pub events_a_commit: f64,
    /// Of each answer, in the order of length.
    pub waits: Vec<Duration>,
}

impl Turn {
    pub fn per_second(&self) -> f64 {
        self.events as f64 / self.took.as_secs_f64()
    }

    /// Commits and their size, and the answers' times.
    pub fn commits_and_waits(&self) -> String {
        format!(
            "{:.0} commits/s, {:.1} events a commit; answers: mean {:.1} ms, p99 {:.1} ms",
            self.per_second() / self.events_a_commit,
            self.events_a_commit,
            millis(mean(&self.waits)),
            millis(share(&self.waits, 0.99)),
        )
    }

    /// Who used the processor for an event, and for how much of the time.
    pub fn processor(&self) -> String {
        let an_event = |used: Duration| used.as_secs_f64() * 1e6 / self.events as f64;
        let cores = |used: Duration| used.as_secs_f64() / self.took.as_secs_f64();
        let told = |who: &str, used: Duration| {
            format!(
                "{who} {:.0} µs ({:.2} of a core)",
                an_event(used),
                cores(used)
            )
        };
        let emulator = match self.used.emulator {
            Some(used) => told("emulator", used),
            None => "emulator unknown".to_owned(),
        };
        let load = match self.load.is_zero() {
            true => String::new(),
            false => format!(", {}", told("load", self.load)),
        };
        format!("{emulator}, {}{load}", told("ours", self.used.ours))
    }
}

/// The one with the middle rate.
pub fn middle(mut turns: Vec<Turn>) -> Turn {
    turns.sort_by(|one, other| one.per_second().total_cmp(&other.per_second()));
    turns.swap_remove(turns.len() / 2)
}

/// Does `work` for each number below `count`, so many at once. Returns how long each took, in the order of length.
pub async fn at_once<W, F>(at_once: usize, count: usize, work: W) -> anyhow::Result<Vec<Duration>>
where
    W: Fn(usize) -> F + Clone + Send + 'static,
    F: Future<Output = anyhow::Result<()>> + Send,
{
    let next = Arc::new(AtomicUsize::new(0));
    let mut workers = JoinSet::new();
    for _ in 0..at_once {
        let (work, next) = (work.clone(), Arc::clone(&next));
        workers.spawn(async move {
            let mut waits = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return anyhow::Ok(waits);
                }
                let began = Instant::now();
                work(number).await?;
                waits.push(began.elapsed());
            }
        });
    }
    let mut waits = Vec::with_capacity(count);
    while let Some(worker) = workers.join_next().await {
        waits.extend(worker??);
    }
    waits.sort();
    Ok(waits)
}

pub fn mean(waits: &[Duration]) -> Duration {
    let count = u32::try_from(waits.len()).unwrap_or(u32::MAX);
    waits.iter().sum::<Duration>() / count.max(1)
}

/// The time within which that share was answered.
pub fn share(waits: &[Duration], share: f64) -> Duration {
    let last = waits.len().saturating_sub(1);
    waits
        .get((last as f64 * share) as usize)
        .copied()
        .unwrap_or_default()
}

pub fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
