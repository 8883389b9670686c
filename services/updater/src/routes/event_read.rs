//! Places of the event that a route reads, with where in the file it does.

use super::expression::{ANY, Expression};
use super::mistake::{Mistake, Place, Report};
use super::model::Each;
use super::text_place::locate;

/// A place of the published form that a route reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventRead {
    /// The members that lead there from the event; `*` for any element of a list.
    pub path: Vec<String>,
    place: Mistake,
}

impl EventRead {
    /// The place as expressions have it: `event.data.items.*.name`.
    pub fn written(&self) -> String {
        format!("event.{}", self.path.join("."))
    }

    /// A warning that stands where the place is read.
    pub fn warning(&self, message: String, hint: String) -> Mistake {
        Mistake {
            message,
            hint: Some(hint),
            ..self.place.clone()
        }
    }

    /// What an expression that begins at `start` reads, its own names in front of each path.
    pub(super) fn of(expression: &Expression, start: Place, report: &Report) -> Vec<Self> {
        let located = |offset| {
            let mistake = expression.place_of(offset);
            locate(report.source, expression.source(), start, &mistake).unwrap_or(start)
        };
        let reads = expression.reads().iter();
        reads
            .map(|read| Self {
                path: read.path.clone(),
                place: report.describe(located(read.offset), String::new(), None),
            })
            .collect()
    }
}

/// The reads with paths that begin at the event, those of an element led back to its list. Others are left out.
pub(super) fn from_event(reads: Vec<EventRead>, each: Option<&Each>) -> Vec<EventRead> {
    let list = each.and_then(|each| Some((each.element.as_str(), each.list.value_path()?)));
    let mut from_event = Vec::new();
    for mut read in reads {
        if let Some((element, list)) = &list
            && read.path.first().is_some_and(|root| root == element)
        {
            let members = read.path.split_off(1);
            read.path = list.clone();
            read.path.push(ANY.to_owned());
            read.path.extend(members);
        }
        if read.path.first().is_some_and(|root| root == "event") {
            read.path.remove(0);
            from_event.push(read);
        }
    }
    from_event
}
