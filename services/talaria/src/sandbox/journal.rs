//! What the stand-ins were sent: the latest requests within bounds, counts of all, and the answers that belong to
//! idempotency keys.

use std::collections::{BTreeMap, HashMap, VecDeque};

use events::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::APIS;

/// Requests that are kept.
const MAX_REQUESTS: usize = 10_000;
/// Bytes of their bodies and texts together: 10,000 requests of 64 KiB would be far more than a stand-in may take.
const MAX_BYTES: usize = 64 << 20;
/// Idempotency keys that are remembered, the oldest forgotten first.
const MAX_KEYS: usize = 100_000;

/// A request as it came, with its answer.
#[derive(Clone, Debug)]
pub(crate) struct Recorded {
    /// When it came.
    pub(crate) at: Timestamp,
    /// The API it went to.
    pub(crate) api: &'static str,
    /// Such as `POST`.
    pub(crate) method: String,
    /// Below the API's own path, still percent-encoded.
    pub(crate) path: String,
    /// Still percent-encoded.
    pub(crate) query: Option<String>,
    /// The header, if there was one.
    pub(crate) idempotency_key: Option<String>,
    /// The header, if there was one.
    pub(crate) content_type: Option<String>,
    /// Whether it came with a credential; which one is nobody's business.
    pub(crate) authorized: bool,
    /// The body.
    pub(crate) body: bytes::Bytes,
    /// What it was answered.
    pub(crate) status: u16,
    /// Whether its key had been answered before.
    pub(crate) repeated: bool,
}

/// An answer that is given again to the same key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its status.
    pub(crate) status: u16,
    /// Counts the API's answers, so that one sees the first answer come again.
    pub(crate) receipt: u64,
}

/// What an API was asked so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// All requests.
    pub(crate) requests: u64,
    /// Those that it did.
    pub(crate) applied: u64,
    /// Those that it had done or refused before under the same key.
    pub(crate) repeated: u64,
    /// Those that it answered with an error.
    pub(crate) failed: u64,
}

/// See the module.
#[derive(Default)]
pub(crate) struct Journal {
    requests: VecDeque<Recorded>,
    bytes: usize,
    counts: BTreeMap<&'static str, Counts>,
    answers: HashMap<(&'static str, String), Answer>,
    keys_by_age: VecDeque<(&'static str, String)>,
    receipts: u64,
}

impl Journal {
    /// Decides a request that would be answered with `status`, and records it. An API that has answered its key for good gives that
    /// answer again and does nothing; one that is down (a status worth repeating) doesn't get as far as looking.
    pub(crate) fn record(&mut self, mut request: Recorded, status: u16) -> Answer {
        let key = request
            .idempotency_key
            .clone()
            .map(|key| (request.api, key));
        let earlier = key.as_ref().and_then(|key| self.answers.get(key)).copied();
        let earlier = earlier.filter(|_| is_final(status));
        let answer = earlier.unwrap_or_else(|| {
            self.receipts += 1;
            Answer {
                status,
                receipt: self.receipts,
            }
        });
        request.status = answer.status;
        request.repeated = earlier.is_some();
        self.count(&request);
        if let (None, Some(key), true) = (earlier, key, is_final(status)) {
            self.remember(key, answer);
        }
        self.keep(request);
        answer
    }

    /// The latest `limit` requests, of one API or all, newest last.
    pub(crate) fn latest(&self, api: Option<&str>, limit: usize) -> Vec<&Recorded> {
        let wanted = self.requests.iter().rev();
        let wanted = wanted.filter(|request| api.is_none_or(|api| api == request.api));
        let mut latest: Vec<&Recorded> = wanted.take(limit).collect();
        latest.reverse();
        latest
    }

    /// Each API with its counts.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&'static str, Counts)> {
        APIS.into_iter()
            .map(|api| (api, self.counts.get(api).copied().unwrap_or_default()))
    }

    /// Forgets requests and counts. Keys stay: an API doesn't undo what it did because its log was emptied.
    pub(crate) fn clear(&mut self) {
        self.requests.clear();
        self.bytes = 0;
        self.counts.clear();
    }

    fn count(&mut self, request: &Recorded) {
        let counts = self.counts.entry(request.api).or_default();
        counts.requests += 1;
        match (request.repeated, request.status) {
            (true, _) => counts.repeated += 1,
            (false, 200..=299) => counts.applied += 1,
            (false, _) => counts.failed += 1,
        }
    }

    fn remember(&mut self, key: (&'static str, String), answer: Answer) {
        if self.keys_by_age.len() == MAX_KEYS
            && let Some(oldest) = self.keys_by_age.pop_front()
        {
            self.answers.remove(&oldest);
        }
        self.keys_by_age.push_back(key.clone());
        self.answers.insert(key, answer);
    }

    fn keep(&mut self, request: Recorded) {
        self.bytes += request.size();
        self.requests.push_back(request);
        while self.requests.len() > MAX_REQUESTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.requests.pop_front() else {
                return;
            };
            self.bytes -= oldest.size();
        }
    }
}

impl Recorded {
    /// As `GET /requests` shows it.
    pub(crate) fn to_json(&self) -> Value {
        json!({
            "at": self.at.to_rfc3339(),
            "api": self.api,
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "idempotencyKey": self.idempotency_key,
            "contentType": self.content_type,
            "authorization": if self.authorized { "present" } else { "absent" },
            "body": self.body_as_json(),
            "status": self.status,
            "repeated": self.repeated,
        })
    }

    /// The body as JSON where it is JSON, else as text; null if there is none.
    pub(crate) fn body_as_json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| String::from_utf8_lossy(&self.body).into_owned().into())
    }

    fn size(&self) -> usize {
        let texts = [&self.query, &self.idempotency_key, &self.content_type];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        self.body.len() + self.method.len() + self.path.len() + texts
    }
}

/// Whether an answer stands: what was done or refused for good. Anything else may be asked again under the same key.
fn is_final(status: u16) -> bool {
    status < 500 && !matches!(status, 401 | 403 | 408 | 409 | 425 | 429)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(key: Option<&str>, body: usize) -> Recorded {
        Recorded {
            at: Timestamp::from_millis(0),
            api: "crm",
            method: "POST".into(),
            path: "/".into(),
            query: None,
            idempotency_key: key.map(str::to_owned),
            content_type: None,
            authorized: false,
            body: vec![b' '; body].into(),
            status: 0,
            repeated: false,
        }
    }

    #[test]
    fn a_key_gets_its_first_final_answer_again() {
        let mut journal = Journal::default();
        assert_eq!(journal.record(request(Some("a"), 0), 503).status, 503);
        let first = journal.record(request(Some("a"), 0), 200);
        assert_eq!(journal.record(request(Some("a"), 0), 422), first);
        assert_eq!(journal.record(request(Some("b"), 0), 422).status, 422);
        assert_eq!(journal.record(request(Some("b"), 0), 200).status, 422);
        assert_eq!(journal.record(request(Some("a"), 0), 503).status, 503);
        let (_, counts) = journal.counts().next().expect("the CRM");
        assert_eq!(
            counts,
            Counts {
                requests: 6,
                applied: 1,
                repeated: 2,
                failed: 3
            }
        );
    }

    #[test]
    fn without_a_key_everything_is_done_again() {
        let mut journal = Journal::default();
        let first = journal.record(request(None, 0), 200);
        assert_ne!(journal.record(request(None, 0), 200), first);
    }

    #[test]
    fn only_the_latest_requests_and_bytes_are_kept() {
        let mut journal = Journal::default();
        for _ in 0..MAX_REQUESTS + 5 {
            journal.record(request(None, 0), 200);
        }
        assert_eq!(journal.latest(None, usize::MAX).len(), MAX_REQUESTS);
        for _ in 0..MAX_BYTES / (1 << 16) + 5 {
            journal.record(request(None, 1 << 16), 200);
        }
        assert!(journal.bytes <= MAX_BYTES, "{}", journal.bytes);
        assert!(journal.latest(None, usize::MAX).len() < 1024);
        journal.clear();
        assert!(journal.latest(None, 1).is_empty());
        assert_eq!(journal.bytes, 0);
    }
}
