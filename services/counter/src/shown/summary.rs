//! The summary: figures of everything, now and before, and the series that is drawn.

use std::collections::HashMap;

use events::{Currency, Timestamp};
use serde::Serialize;
use store::tallies::{Point, Range, Resolution, Sums, Totals};

use super::figures::{order_revenue, sum};
use super::{Amounts, FiguresShown, Query, SummaryFigures};
use crate::windows::{Spans, Window};

/// The summary, without what changes although no figure does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Summary {
    pub window: &'static str,
    /// Null for all time.
    pub from: Option<String>,
    pub to: String,
    pub last_event_at: Option<String>,
    pub time_zone: String,
    pub now: SummaryFigures,
    pub before: Option<SummaryFigures>,
    pub series: Series,
}

/// Figures step by step.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Series {
    pub step: Option<&'static str>,
    pub points: Vec<PointShown>,
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PointShown {
    pub start: String,
    pub orders: i64,
    pub views: i64,
    pub carts: i64,
    pub units_sold: i64,
    pub revenue: Amounts,
    pub order_revenue: Amounts,
}

/// Draws the summary up.
pub(crate) fn summary_of(
    query: &Query,
    spans: &Spans,
    now: &Sums,
    before: Option<&Sums>,
    series: Series,
    last_event: Option<Timestamp>,
    time_zone: &str,
) -> Summary {
    let all = query.window == Window::All;
    Summary {
        window: query.window.name(),
        from: (!all).then(|| spans.now.from.to_rfc3339()),
        to: spans.series.to.to_rfc3339(),
        last_event_at: last_event.map(Timestamp::to_rfc3339),
        time_zone: time_zone.to_owned(),
        now: summary_figures(query, now),
        before: before.map(|before| summary_figures(query, before)),
        series,
    }
}

fn summary_figures(query: &Query, sums: &Sums) -> SummaryFigures {
    if query.category.is_none() {
        let items = FiguresShown::of(&sums.totals.items, query.currency);
        return SummaryFigures::of(items, &sums.totals.orders, query.currency);
    }
    let items = sums.items.iter().filter(|item| query.ranks(item));
    let figures = sum(items.map(|item| &item.figures));
    SummaryFigures::of_items(FiguresShown::of(&figures, query.currency))
}

/// The series of a range with a point for every step, also where nothing was counted.
pub(crate) fn series_of(range: Range, points: &[Point], currency: Option<Currency>) -> Series {
    let step = match range.resolution {
        Resolution::Minute => "minute",
        Resolution::Quarter => "quarter",
        Resolution::AllTime => {
            return Series {
                step: None,
                points: Vec::new(),
            };
        }
    };
    Series {
        step: Some(step),
        points: points_shown(range, points, currency),
    }
}

fn points_shown(range: Range, points: &[Point], currency: Option<Currency>) -> Vec<PointShown> {
    let known: HashMap<Timestamp, &Totals> = points
        .iter()
        .map(|point| (point.start, &point.totals))
        .collect();
    let nothing = Totals::default();
    steps_of(range)
        .map(|start| {
            let totals = known.get(&start).copied().unwrap_or(&nothing);
            let items = FiguresShown::of(&totals.items, currency);
            PointShown {
                start: start.to_rfc3339(),
                orders: totals.orders.orders,
                views: items.views,
                carts: items.carts,
                units_sold: items.units_sold,
                revenue: items.revenue,
                order_revenue: order_revenue(&totals.orders, currency),
            }
        })
        .collect()
}

/// The beginnings of a range's steps; none for all time.
pub(crate) fn steps_of(range: Range) -> impl Iterator<Item = Timestamp> {
    let step = range.resolution.step_ms();
    let count = step.map_or(0, |step| (range.to.millis() - range.from.millis()) / step);
    (0..count).map(move |index| {
        Timestamp::from_millis(range.from.millis() + index * step.unwrap_or_default())
    })
}
