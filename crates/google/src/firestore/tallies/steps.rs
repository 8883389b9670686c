//! Names of steps, of the hours and days that gather them, and of the shards that a step's items are spread over.

use events::Timestamp;
use sha2::{Digest, Sha256};
use store::tallies::{Range, Resolution, Step};

use super::super::client::Client;
use super::super::collections;

const HOUR_MS: i64 = 60 * 60_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// Of hours and of days.
const MINUTES: i64 = 60;
const QUARTERS: i64 = 96;

/// An hour of minutes or a day of quarters, in UTC: the document that has its steps' totals and says which of their
/// shards were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Period {
    /// Of its steps; never all time.
    pub(super) resolution: Resolution,
    /// Hours or days since the epoch.
    pub(super) number: i64,
}

impl Period {
    /// The one that holds the step; `None` for all time.
    pub(super) fn of(step: Step) -> Option<Self> {
        let length = match step.resolution {
            Resolution::Minute => HOUR_MS,
            Resolution::Quarter => DAY_MS,
            Resolution::AllTime => return None,
        };
        Some(Self {
            resolution: step.resolution,
            number: step.start.millis().div_euclid(length),
        })
    }

    pub(super) fn hour(number: i64) -> Self {
        Self {
            resolution: Resolution::Minute,
            number,
        }
    }

    pub(super) fn day(number: i64) -> Self {
        Self {
            resolution: Resolution::Quarter,
            number,
        }
    }

    fn length_ms(self) -> i64 {
        match self.resolution {
            Resolution::Minute => HOUR_MS,
            _ => DAY_MS,
        }
    }

    pub(super) fn start(self) -> Timestamp {
        Timestamp::from_millis(self.number.saturating_mul(self.length_ms()))
    }

    pub(super) fn end(self) -> Timestamp {
        Timestamp::from_millis(self.start().millis().saturating_add(self.length_ms()))
    }

    /// Whether steps of the range may be in it.
    pub(super) fn overlaps(self, range: Range) -> bool {
        self.resolution == range.resolution && self.end() > range.from && self.start() < range.to
    }

    /// The name of its counter, such as `h490016` or `d20417`.
    pub(super) fn key(self) -> String {
        match self.resolution {
            Resolution::Minute => format!("h{}", self.number),
            _ => format!("d{}", self.number),
        }
    }

    pub(super) fn parse(key: &str) -> Option<Self> {
        let kind = key.get(..1)?;
        let number = key.get(1..)?.parse().ok()?;
        match kind {
            "h" => Some(Self::hour(number)),
            "d" => Some(Self::day(number)),
            _ => None,
        }
    }

    /// The full name of its document, such as `hours/2025-11-25T08`.
    pub(super) fn document(self, client: &Client) -> String {
        match self.resolution {
            Resolution::Minute => client.document(collections::HOURS, &moment(self.start(), 13)),
            _ => client.document(collections::DAYS, &moment(self.start(), 10)),
        }
    }

    /// The map of its steps.
    pub(super) fn map(self) -> &'static str {
        match self.resolution {
            Resolution::Minute => "minutes",
            _ => "quarters",
        }
    }

    /// The step of that name in [`map`](Self::map).
    pub(super) fn step(self, key: &str) -> Option<Step> {
        let index: i64 = key.get(1..)?.parse().ok()?;
        let first = self.number.checked_mul(self.steps())?;
        let length = self.resolution.step_ms()?;
        let start = first.checked_add(index)?.saturating_mul(length);
        Some(Step {
            resolution: self.resolution,
            start: Timestamp::from_millis(start),
        })
    }

    fn steps(self) -> i64 {
        match self.resolution {
            Resolution::Minute => MINUTES,
            _ => QUARTERS,
        }
    }
}

/// The name of a step in its period's document, such as `m45` or `q35`.
pub(super) fn step_key(step: Step) -> String {
    let (letter, steps) = match step.resolution {
        Resolution::Minute => ('m', MINUTES),
        _ => ('q', QUARTERS),
    };
    let length = step.resolution.step_ms().unwrap_or(1);
    let index = step.start.millis().div_euclid(length).rem_euclid(steps);
    format!("{letter}{index:02}")
}

/// So many characters of the time; times that can't be written so are numbers.
fn moment(at: Timestamp, characters: usize) -> String {
    let text = at.to_rfc3339();
    match (Timestamp::parse_rfc3339(&text), text.get(..characters)) {
        (Ok(same), Some(text)) if same == at => text.to_owned(),
        _ => at.millis().to_string(),
    }
}

/// What an item's shard is chosen by: the same on every instance, for ever.
pub(super) fn hash(item_id: &str) -> u64 {
    let digest = Sha256::digest(item_id);
    let first = digest.iter().take(8);
    first.fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

/// One of the documents of a step. Commits may spread a step over different numbers of them; a reader adds up all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Shard {
    number: u64,
    of: u64,
}

impl Shard {
    pub(super) fn for_hash(hash: u64, of: u16) -> Self {
        let of = u64::from(of.max(1));
        Self {
            number: hash % of,
            of,
        }
    }

    /// Whether it is where an item of that hash would be.
    pub(super) fn may_hold(self, hash: u64) -> bool {
        hash % self.of == self.number
    }

    /// Such as `s3of4`.
    pub(super) fn key(self) -> String {
        format!("s{}of{}", self.number, self.of)
    }

    pub(super) fn parse(key: &str) -> Option<Self> {
        let (number, of) = key.strip_prefix('s')?.split_once("of")?;
        let (number, of) = (number.parse().ok()?, of.parse().ok()?);
        (of > 0).then_some(Self { number, of })
    }
}

/// A shard of a step: one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct ShardOf {
    pub(super) step: Step,
    pub(super) shard: Shard,
}

impl ShardOf {
    /// The full name of its document, such as `minutes/2025-11-25T08:45.3of4`.
    pub(super) fn document(self, client: &Client) -> String {
        let collection = match self.step.resolution {
            Resolution::Minute => collections::MINUTES,
            _ => collections::QUARTERS,
        };
        let Shard { number, of } = self.shard;
        let step = moment(self.step.start, 16);
        client.document(collection, &format!("{step}.{number}of{of}"))
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::FirestoreSettings;
    use super::*;

    const AT: Timestamp = Timestamp::from_millis(1_764_060_301_502);

    #[test]
    fn steps_are_named_for_people_and_found_again() {
        let client = Client::new(FirestoreSettings::new("p"));
        let [minute, quarter, all_time] = Step::of(AT);
        let cases = [
            (
                minute,
                "h490016",
                "hours/2025-11-25T08",
                "m45",
                "minutes/2025-11-25T08:45.3of4",
            ),
            (
                quarter,
                "d20417",
                "days/2025-11-25",
                "q35",
                "quarters/2025-11-25T08:45.3of4",
            ),
        ];
        let shard = Shard::parse("s3of4").expect("a shard");
        for (step, key, document, step_name, shard_document) in cases {
            let period = Period::of(step).expect("a period");
            assert_eq!(period.key(), key);
            assert_eq!(Period::parse(key), Some(period));
            assert!(period.document(&client).ends_with(document));
            assert_eq!(step_key(step), step_name);
            assert_eq!(period.step(step_name), Some(step));
            let shard = ShardOf { step, shard };
            assert!(shard.document(&client).ends_with(shard_document));
        }
        assert_eq!(Period::of(all_time), None);
    }

    #[test]
    fn the_ends_of_time_have_names_of_their_own() {
        let client = Client::new(FirestoreSettings::new("p"));
        let mut names = std::collections::BTreeSet::new();
        for millis in [i64::MIN, i64::MIN / 2, -1, 0, i64::MAX / 2, i64::MAX] {
            let [minute, quarter, _] = Step::of(Timestamp::from_millis(millis));
            for step in [minute, quarter] {
                let period = Period::of(step).expect("a period");
                assert_eq!(Period::parse(&period.key()), Some(period));
                assert!(names.insert(period.document(&client)), "{millis}");
                assert!(
                    period
                        .step(&step_key(step))
                        .is_some_and(|found| Period::of(found) == Some(period))
                );
            }
        }
    }

    #[test]
    fn every_item_has_one_shard_of_each_count() {
        for item in ["", "mug", "a/b", "☕️"] {
            let hash = hash(item);
            for of in [1, 3, 4, 8] {
                let own = Shard::for_hash(hash, of);
                assert_eq!(Shard::parse(&own.key()), Some(own));
                let holding = (0..u64::from(of)).filter(|number| {
                    Shard {
                        number: *number,
                        of: u64::from(of),
                    }
                    .may_hold(hash)
                });
                assert_eq!(holding.count(), 1);
            }
        }
        assert_eq!(hash("mug"), 0xa19e_e257_7879_b76a_u64, "never changes");
        assert_eq!(Shard::parse("s1of0"), None);
    }
}
