//! What one stream is told: a snapshot, then what changed since.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use serde::Serialize;
use serde_json::{Value, json};

use super::Seen;
use crate::api::Stamped;
use crate::shown::{ItemRow, Query};
use crate::view::{Picture, View};

/// One reader, and what he was told last.
pub(super) struct Follower {
    query: Query,
    told: Option<Arc<Picture>>,
    /// Whether the last picture could be had.
    had_picture: bool,
    told_available: bool,
}

impl Follower {
    pub(super) fn new(query: Query) -> Self {
        Self {
            query,
            told: None,
            had_picture: true,
            told_available: true,
        }
    }

    /// The frames to send now. A beat looks again although nothing was counted, because windows move, and says that
    /// the stream lives.
    pub(super) async fn news(
        &mut self,
        view: &View,
        seen: Seen,
        is_beat: bool,
        streams: usize,
    ) -> Vec<Bytes> {
        let mut frames = Vec::new();
        let is_old = self
            .told
            .as_ref()
            .is_none_or(|told| told.version < seen.version);
        if is_beat || is_old || !self.had_picture {
            match view.picture(&self.query).await {
                Ok(picture) => {
                    self.had_picture = true;
                    frames.extend(self.tell(picture, view));
                }
                Err(error) => {
                    tracing::debug!(%error, "no picture for a stream");
                    self.had_picture = false;
                }
            }
        }
        let is_available = seen.is_available && self.had_picture;
        if is_beat || is_available != self.told_available {
            self.told_available = is_available;
            frames.push(self.status(view, streams));
        }
        frames
    }

    fn tell(&mut self, picture: Arc<Picture>, view: &View) -> Option<Bytes> {
        let frame = match &self.told {
            None => Some(snapshot(&picture, view)),
            Some(told) => delta(told, &picture, view),
        };
        self.told = Some(picture);
        frame
    }

    fn status(&self, view: &View, streams: usize) -> Bytes {
        let told = self.told.as_ref();
        let last_event = told.and_then(|told| told.summary.last_event_at.as_deref());
        let status = json!({
            "store": if self.told_available { "ok" } else { "unavailable" },
            "lastEventAt": last_event,
            "generatedAt": view.now().to_rfc3339(),
            "streams": streams,
        });
        frame("status", None, &status)
    }
}

#[derive(Serialize)]
struct Snapshot<'a> {
    summary: Stamped<'a>,
    items: Value,
}

fn snapshot(picture: &Picture, view: &View) -> Bytes {
    let snapshot = Snapshot {
        summary: Stamped::of(picture, view.now()),
        items: crate::api::items_json(picture),
    };
    frame("snapshot", Some(picture.version), &snapshot)
}

/// What is other than what was told; `None` if nothing is.
fn delta(told: &Picture, picture: &Picture, view: &View) -> Option<Bytes> {
    if told.summary == picture.summary && told.items == picture.items {
        return None;
    }
    let mut summary = serde_json::to_value(Stamped::of(picture, view.now())).unwrap_or_default();
    if let Value::Object(summary) = &mut summary {
        summary.remove("series");
        summary.insert("point".into(), json!(new_points(told, picture)));
    }
    let rows_told: HashMap<&str, &ItemRow> = rows_by_id(told);
    let rows = &picture.items.items;
    let changed: Vec<&ItemRow> = rows
        .iter()
        .filter(|row| rows_told.get(row.item_id.as_str()) != Some(row))
        .collect();
    let order: Vec<&str> = rows.iter().map(|row| row.item_id.as_str()).collect();
    let delta = json!({
        "summary": summary,
        "items": {
            "version": picture.version,
            "total": picture.items.total,
            "sortCurrency": picture.items.sort_currency,
            "categories": picture.items.categories,
            "currencies": picture.items.currencies,
            "order": order,
            "changed": changed,
        },
    });
    Some(frame("delta", Some(picture.version), &delta))
}

fn rows_by_id(picture: &Picture) -> HashMap<&str, &ItemRow> {
    let rows = picture.items.items.iter();
    rows.map(|row| (row.item_id.as_str(), row)).collect()
}

/// Points that were not told, or were told otherwise.
fn new_points<'a>(told: &Picture, picture: &'a Picture) -> Vec<&'a crate::shown::PointShown> {
    let known: HashMap<&str, _> = told
        .summary
        .series
        .points
        .iter()
        .map(|point| (point.start.as_str(), point))
        .collect();
    let points = picture.summary.series.points.iter();
    points
        .filter(|point| known.get(point.start.as_str()) != Some(point))
        .collect()
}

fn frame(event: &str, id: Option<u64>, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".into());
    Bytes::from(format!("event: {event}\n{id}data: {data}\n\n"))
}
