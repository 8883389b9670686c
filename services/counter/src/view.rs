//! The page's view of the tallies: worked out once for all readers who ask for the same, and no more often than
//! figures are worth looking at.

mod looks;
mod shared;
mod sparkline;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono_tz::Tz;
use events::{Clock, Timestamp};
use futures_util::future::try_join_all;
use store::StoreUnavailable;
use store::tallies::{Point, Range, Resolution, Sums, Tallies};

use crate::shown::{ItemList, Query, Series, Summary, item_rows, series_of, steps_of, summary_of};
use crate::windows::Spans;
use looks::Looks;
use shared::{Kept, Shared};
use sparkline::{Activity, activity_of, sparkline};

const MINUTES_AGE: Duration = Duration::from_secs(1);
const LONG_AGE: Duration = Duration::from_secs(3);
/// Pictures are drawn from kept answers, so that drawing is cheap.
const PICTURE_AGE: Duration = Duration::from_millis(400);
/// Steps that are over change only by events that come late.
const PAST_STEP_AGE: Duration = Duration::from_secs(10);
/// Answers of a kind that are kept at most, whatever readers ask for: the largest picture takes megabytes.
const ANSWERS: usize = 64;
/// Steps that are kept at most: more than all windows together have, so that none drives out another's.
const STEPS: usize = 512;

/// What a reader sees.
#[derive(Debug, PartialEq)]
pub(crate) struct Picture {
    /// The version of the tallies that it holds at least.
    pub version: u64,
    pub summary: Summary,
    pub items: ItemList,
}

/// When the latest event happened that this process counted. Figures know that of items that say something of
/// themselves, and otherwise to a minute or a quarter.
pub(crate) struct LatestEvent(AtomicI64);

impl LatestEvent {
    pub(crate) fn new() -> Self {
        Self(AtomicI64::new(i64::MIN))
    }

    pub(crate) fn note(&self, at: Timestamp) {
        self.0.fetch_max(at.millis(), Ordering::Relaxed);
    }

    fn get(&self) -> Option<Timestamp> {
        let millis = self.0.load(Ordering::Relaxed);
        (millis != i64::MIN).then(|| Timestamp::from_millis(millis))
    }
}

/// See the module.
pub(crate) struct View {
    latest: Arc<LatestEvent>,
    tallies: Arc<dyn Tallies>,
    clock: Arc<dyn Clock>,
    zone: Tz,
    minute_sums: Shared<Range, Sums>,
    long_sums: Shared<Range, Sums>,
    minute_series: Shared<Range, Vec<Point>>,
    long_series: Shared<Range, Vec<Point>>,
    steps: Shared<Range, Activity>,
    past_steps: Shared<Range, Activity>,
    pictures: Shared<(Query, Spans), Picture>,
    looks: Arc<Looks>,
}

impl View {
    pub(crate) fn new(
        tallies: Arc<dyn Tallies>,
        clock: Arc<dyn Clock>,
        zone: Tz,
        latest: Arc<LatestEvent>,
    ) -> Self {
        Self {
            latest,
            tallies,
            clock,
            zone,
            minute_sums: Shared::new(MINUTES_AGE, ANSWERS),
            long_sums: Shared::new(LONG_AGE, ANSWERS),
            minute_series: Shared::new(MINUTES_AGE, ANSWERS),
            long_series: Shared::new(LONG_AGE, ANSWERS),
            steps: Shared::new(MINUTES_AGE, STEPS),
            past_steps: Shared::new(PAST_STEP_AGE, STEPS),
            pictures: Shared::new(PICTURE_AGE, ANSWERS),
            looks: Arc::default(),
        }
    }

    pub(crate) fn tallies(&self) -> &Arc<dyn Tallies> {
        &self.tallies
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(crate) fn zone(&self) -> Tz {
        self.zone
    }

    /// Tells how old what readers see is, without waiting; `None` while nobody looks. It keeps no store open.
    pub(crate) fn age(&self) -> impl Fn() -> Option<Duration> + Send + Sync + use<> {
        let (looks, clock) = (Arc::clone(&self.looks), Arc::clone(&self.clock));
        move || looks.age(clock.now())
    }

    /// What a reader who asks for this sees now.
    pub(crate) async fn picture(&self, query: &Query) -> Result<Arc<Picture>, StoreUnavailable> {
        self.looking(self.picture_now(query)).await
    }

    /// What was counted in a range, and the version that says so.
    pub(crate) async fn sums(&self, range: Range) -> Result<(Arc<Sums>, u64), StoreUnavailable> {
        let sums = async { self.sums_at(range, self.moment().await?).await };
        let kept = self.looking(sums).await?;
        Ok((kept.value, kept.version))
    }

    /// Notes that somebody looks, and whether there is something to see.
    async fn looking<T>(
        &self,
        seen: impl Future<Output = Result<T, StoreUnavailable>>,
    ) -> Result<T, StoreUnavailable> {
        let now = self.clock.now();
        self.looks.asked(now);
        let seen = seen.await?;
        self.looks.shown(now);
        Ok(seen)
    }

    async fn picture_now(&self, query: &Query) -> Result<Arc<Picture>, StoreUnavailable> {
        let moment = self.moment().await?;
        let spans = query.window.spans(moment.now, self.zone);
        let drawing = async {
            let picture = self.draw(query, spans, moment).await?;
            let version = picture.version;
            Ok((picture, version))
        };
        let question = (query.clone(), spans);
        let kept = self
            .pictures
            .get(question, moment.now, moment.version, drawing)
            .await?;
        Ok(kept.value)
    }

    async fn moment(&self) -> Result<Moment, StoreUnavailable> {
        Ok(Moment {
            now: self.clock.now(),
            version: self.tallies.version().await?,
        })
    }

    async fn sums_at(&self, range: Range, moment: Moment) -> Result<Kept<Sums>, StoreUnavailable> {
        let sums = match range.resolution {
            Resolution::Minute => &self.minute_sums,
            Resolution::Quarter | Resolution::AllTime => &self.long_sums,
        };
        let work = async { Ok((self.tallies.sums(range).await?, moment.version)) };
        sums.get(range, moment.now, moment.version, work).await
    }

    async fn series_at(
        &self,
        range: Range,
        moment: Moment,
    ) -> Result<Kept<Vec<Point>>, StoreUnavailable> {
        let series = match range.resolution {
            Resolution::Minute => &self.minute_series,
            Resolution::Quarter | Resolution::AllTime => &self.long_series,
        };
        let work = async { Ok((self.tallies.series(range, None).await?, moment.version)) };
        series.get(range, moment.now, moment.version, work).await
    }

    async fn draw(
        &self,
        query: &Query,
        spans: Spans,
        moment: Moment,
    ) -> Result<Picture, StoreUnavailable> {
        let now = self.sums_at(spans.now, moment).await?;
        let before = match spans.before {
            Some(range) => Some(self.sums_at(range, moment).await?),
            None => None,
        };
        let mut version = now
            .version
            .min(before.as_ref().map_or(u64::MAX, |kept| kept.version));
        let mut series = Series {
            step: None,
            points: Vec::new(),
        };
        let points = self.series_at(spans.series, moment).await?;
        if query.category.is_none() {
            version = version.min(points.version);
            series = series_of(spans.series, &points.value, query.currency);
        }
        let before = before.as_ref().map(|kept| &*kept.value);
        let mut items = item_rows(query, &now.value, before);
        if !items.items.is_empty() {
            let activities = self.activities(spans.series, moment).await?;
            // The newest step alone: earlier ones are kept longer, and would make the picture look old.
            version = version.min(activities.last().map_or(version, |kept| kept.version));
            for row in &mut items.items {
                row.sparkline = sparkline(&activities, &row.item_id);
            }
        }
        let last_event = self.last_event(&now.value, &points.value, moment).await?;
        let zone = self.zone.name();
        Ok(Picture {
            version,
            summary: summary_of(query, &spans, &now.value, before, series, last_event, zone),
            items,
        })
    }

    /// How busy items were in each step of the range.
    async fn activities(
        &self,
        range: Range,
        moment: Moment,
    ) -> Result<Vec<Kept<Activity>>, StoreUnavailable> {
        let steps: Vec<Range> = steps_of(range)
            .map(|from| Range {
                resolution: range.resolution,
                from,
                to: Timestamp::from_millis(
                    from.millis() + range.resolution.step_ms().unwrap_or_default(),
                ),
            })
            .collect();
        let newest = steps.len().saturating_sub(2);
        try_join_all(steps.into_iter().enumerate().map(async |(index, step)| {
            let activities = if index < newest {
                &self.past_steps
            } else {
                &self.steps
            };
            let work = async { Ok((activity_of(&self.tallies.sums(step).await?), moment.version)) };
            activities.get(step, moment.now, moment.version, work).await
        }))
        .await
    }

    /// When the latest event happened: that of this process, of the window, else ever.
    async fn last_event(
        &self,
        window: &Sums,
        points: &[Point],
        moment: Moment,
    ) -> Result<Option<Timestamp>, StoreUnavailable> {
        let of_items = |sums: &Sums| sums.items.iter().filter_map(|item| item.details.at).max();
        let step = points.last().map(|point| point.start);
        let known = self.latest.get().max(of_items(window)).max(step);
        match known {
            Some(at) => Ok(Some(at)),
            None => Ok(of_items(
                &self.sums_at(Range::all_time(), moment).await?.value,
            )),
        }
    }
}

#[derive(Clone, Copy)]
struct Moment {
    now: Timestamp,
    /// Read before anything is worked out, so that an answer holds at least this.
    version: u64,
}
