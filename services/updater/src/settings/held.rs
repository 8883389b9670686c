//! When messages are held, and how held ones are worked.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// When messages are held, and how held ones are worked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HeldSettings {
    /// Calls of an effect after which its message is held instead of being refused to the bus.
    pub after_attempts: u32,
    /// The same in time since the effect was first tried, whichever comes first.
    #[serde(with = "web::duration")]
    pub after: Duration,
    /// The shortest wait of a held message; each try doubles it.
    #[serde(with = "web::duration")]
    pub shortest_wait: Duration,
    /// The longest.
    #[serde(with = "web::duration")]
    pub longest_wait: Duration,
    /// Calls of a destination that fail in a row, after which new events are held for it without a call; for as long as
    /// the shortest wait.
    pub failures_in_a_row: u32,
    /// How long a held message is kept at most, whatever becomes of it.
    #[serde(with = "web::duration")]
    pub retention: Duration,
    /// How often this process works what is due, from its start on; 0s: only when `POST /drain` asks for it.
    #[serde(with = "web::duration")]
    pub drain_interval: Duration,
    /// How long one drain goes on. A destination whose calls may take nearly as long is given ten seconds more than one call.
    #[serde(with = "web::duration")]
    pub drain_time: Duration,
}

impl HeldSettings {
    /// How long a message waits after so many tries.
    pub(crate) fn wait(&self, tries: u32) -> Duration {
        let longest = self.longest_wait.max(self.shortest_wait);
        let factor = 2_u32.saturating_pow(tries.min(16));
        self.shortest_wait.saturating_mul(factor).min(longest)
    }
}

impl Default for HeldSettings {
    fn default() -> Self {
        const MINUTE: Duration = Duration::from_secs(60);
        Self {
            after_attempts: 10,
            after: MINUTE * 15,
            shortest_wait: MINUTE,
            longest_wait: MINUTE * 15,
            failures_in_a_row: 10,
            retention: MINUTE * 60 * 24 * 30,
            drain_interval: MINUTE,
            drain_time: Duration::from_secs(50),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_try_doubles_the_wait_up_to_the_longest() {
        let settings = HeldSettings::default();
        let minutes = |tries| settings.wait(tries).as_secs() / 60;
        let waits = [0, 1, 2, 3, 4, 5, u32::MAX].map(minutes);
        assert_eq!(waits, [1, 2, 4, 8, 15, 15, 15]);
    }
}
