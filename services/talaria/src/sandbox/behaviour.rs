//! How the stand-ins shall answer: well, with a status, or late; for ever or a number of times.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::APIS;

const LONGEST_STALL: Duration = Duration::from_secs(600);
const KEYS: [&str; 5] = ["api", "answer", "retryAfter", "times", "stall"];

/// What an API does with its next request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Conduct {
    /// Does what it is asked.
    Well,
    /// Answers this status and does nothing, unless the status says it did.
    Answer {
        /// 200 to 599.
        status: u16,
        /// Seconds that the answer asks the caller to wait.
        retry_after: Option<u32>,
    },
    /// Does what it is asked, and answers after this time.
    Stall(Duration),
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Behaviour {
    conduct: Conduct,
    /// Requests that are still treated so; `None` for all.
    times: Option<u32>,
}

/// An order to one API, read and checked.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Order {
    api: &'static str,
    behaviour: Behaviour,
}

/// The orders in force. An API without one does well.
#[derive(Default)]
pub(crate) struct Behaviours(BTreeMap<&'static str, Behaviour>);

impl Behaviours {
    /// From now on the API follows this order.
    pub(crate) fn obey(&mut self, order: Order) {
        match order.behaviour.conduct {
            Conduct::Well => self.0.remove(order.api),
            _ => self.0.insert(order.api, order.behaviour),
        };
    }

    /// What the API does with a request that has come; counts it.
    pub(crate) fn next(&mut self, api: &str) -> Conduct {
        let Some(behaviour) = self.0.get_mut(api) else {
            return Conduct::Well;
        };
        let conduct = behaviour.conduct.clone();
        if let Some(times) = &mut behaviour.times {
            *times -= 1;
            if *times == 0 {
                self.0.remove(api);
            }
        }
        conduct
    }

    /// All APIs with their orders, in the form in which orders are given.
    pub(crate) fn to_json(&self) -> Value {
        let shown = APIS.iter().map(|api| ((*api).to_owned(), self.shown(api)));
        Value::Object(shown.collect())
    }

    fn shown(&self, api: &str) -> Value {
        let Some(behaviour) = self.0.get(api) else {
            return json!({"answer": "ok"});
        };
        let mut shown = match &behaviour.conduct {
            Conduct::Well => json!({"answer": "ok"}),
            Conduct::Answer {
                status,
                retry_after: None,
            } => json!({"answer": status}),
            Conduct::Answer {
                status,
                retry_after,
            } => {
                json!({"answer": status, "retryAfter": retry_after})
            }
            Conduct::Stall(time) => json!({"stall": format!("{time:?}")}),
        };
        if let Some(times) = behaviour.times {
            shown["times"] = times.into();
        }
        shown
    }
}

/// Reads an order; what is wrong comes as sentences that say what would be right.
pub(crate) fn read(body: &Value) -> Result<Order, Vec<String>> {
    let Value::Object(fields) = body else {
        return Err(vec![
            r#"send an object such as {"api":"crm","answer":503}"#.into(),
        ]);
    };
    let mut faults = Vec::new();
    for key in fields.keys().filter(|key| !KEYS.contains(&key.as_str())) {
        faults.push(format!(
            "{key:.40?} is not known here: there are {}",
            KEYS.join(", ")
        ));
    }
    let api = fields.get("api").and_then(Value::as_str);
    let api = APIS.into_iter().find(|known| api == Some(known));
    if api.is_none() {
        faults.push(format!("api must be one of {}", APIS.join(", ")));
    }
    let times = whole_number(fields, "times", 1..=1_000_000, &mut faults);
    let conduct = read_conduct(fields, &mut faults);
    match (api, conduct) {
        (Some(api), Some(conduct)) if faults.is_empty() => Ok(Order {
            api,
            behaviour: Behaviour { conduct, times },
        }),
        _ => Err(faults),
    }
}

fn read_conduct(fields: &Map<String, Value>, faults: &mut Vec<String>) -> Option<Conduct> {
    let retry_after = whole_number(fields, "retryAfter", 0..=86_400, faults);
    match (fields.get("answer"), fields.get("stall")) {
        (Some(Value::String(text)), None) if text == "ok" => Some(Conduct::Well),
        (Some(_), None) => {
            let status = fields["answer"]
                .as_u64()
                .and_then(|status| u16::try_from(status).ok());
            let status = status.filter(|status| (200..=599).contains(status));
            if status.is_none() {
                faults
                    .push(r#"answer must be "ok" or a status from 200 to 599, such as 503"#.into());
            }
            status.map(|status| Conduct::Answer {
                status,
                retry_after,
            })
        }
        (None, Some(stall)) => {
            let time = stall
                .as_str()
                .and_then(|text| ::web::duration::parse(text).ok());
            let time = time.filter(|time| *time <= LONGEST_STALL);
            if time.is_none() {
                faults.push(r#"stall must be a time of at most 10m, such as "10s""#.into());
            }
            time.map(Conduct::Stall)
        }
        _ => {
            faults.push(r#"give either answer ("ok" or a status) or stall (such as "10s")"#.into());
            None
        }
    }
}

fn whole_number(
    fields: &Map<String, Value>,
    key: &str,
    allowed: std::ops::RangeInclusive<u32>,
    faults: &mut Vec<String>,
) -> Option<u32> {
    let value = fields.get(key)?;
    let number = value.as_u64().and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| allowed.contains(number));
    if number.is_none() {
        let (least, most) = (allowed.start(), allowed.end());
        faults.push(format!(
            "{key} must be a whole number from {least} to {most}"
        ));
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_for_three_times_ends_after_three() {
        let mut behaviours = Behaviours::default();
        let order = read(&json!({"api": "crm", "answer": 503, "retryAfter": 5, "times": 3}));
        behaviours.obey(order.expect("a good order"));
        assert_eq!(
            behaviours.to_json()["crm"],
            json!({"answer": 503, "retryAfter": 5, "times": 3})
        );
        let refused = Conduct::Answer {
            status: 503,
            retry_after: Some(5),
        };
        for _ in 0..3 {
            assert_eq!(behaviours.next("crm"), refused);
            assert_eq!(behaviours.next("erp"), Conduct::Well);
        }
        assert_eq!(behaviours.next("crm"), Conduct::Well);
        assert_eq!(behaviours.to_json()["crm"], json!({"answer": "ok"}));
    }

    #[test]
    fn a_bad_order_names_every_fault_and_what_would_be_right() {
        let cases = [
            (json!([]), "send an object"),
            (json!({"answer": 503}), "one of crm, loyalty"),
            (json!({"api": "crm"}), "either answer"),
            (
                json!({"api": "crm", "answer": 503, "stall": "1s"}),
                "either answer",
            ),
            (json!({"api": "crm", "answer": 99}), "200 to 599"),
            (json!({"api": "crm", "answer": "no"}), "\"ok\""),
            (json!({"api": "crm", "stall": "soon"}), "10s"),
            (json!({"api": "crm", "stall": "1h"}), "at most 10m"),
            (
                json!({"api": "crm", "answer": 503, "times": 0}),
                "from 1 to",
            ),
            (
                json!({"api": "crm", "answer": 503, "retry": 1}),
                "retryAfter",
            ),
        ];
        for (order, expected) in cases {
            let faults = read(&order).expect_err("a bad order").join("; ");
            assert!(faults.contains(expected), "{order}: {faults}");
        }
        let several = json!({"api": "pos", "answer": 7, "times": -1, "x": 1});
        assert_eq!(read(&several).expect_err("four faults").len(), 4);
    }
}
