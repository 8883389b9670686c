//! Stores in projects of their own, and what is put into them.

use std::time::Duration;

use events::Timestamp;
use google::firestore::{FirestoreSettings, FirestoreStore};
use serde_json::Value;
use store::{
    Advance, AdvanceError, Change, Claim, ClaimRequest, DeadLetter, DeadLetterSummary, EffectState,
    EventQuery, EventReference, HeldMessage, HeldSummary, HoldReason, Lease, Ledger, LedgerRecord,
    Payload, Reason, RequestedEffect,
};
use testing::{firestore_emulator, unique_project};

pub const NOW: Timestamp = Timestamp::from_millis(1_764_060_000_000);
pub const LEASE: Duration = Duration::from_secs(15);
pub const DAY: Duration = Duration::from_secs(24 * 60 * 60);
pub const GRACE: Duration = Duration::from_secs(10);
pub const DONE: EffectState = EffectState::Done { at: NOW };

/// The emulator, in a project that no other test uses.
pub fn settings() -> FirestoreSettings {
    FirestoreSettings {
        emulator_host: Some(firestore_emulator()),
        ..FirestoreSettings::new(unique_project())
    }
}

pub fn store() -> FirestoreStore {
    FirestoreStore::new(settings())
}

/// Two processes on one database.
pub fn two_instances() -> (FirestoreStore, FirestoreStore) {
    let settings = settings();
    (
        FirestoreStore::new(settings.clone()),
        FirestoreStore::new(settings),
    )
}

/// A request by `owner` for two effects.
pub fn request(identity: &str, owner: &str) -> ClaimRequest {
    let effect = |route: &str| RequestedEffect {
        key: format!("{identity}/{route}"),
        route: route.to_owned(),
        element: None,
    };
    ClaimRequest {
        event: EventReference {
            identity: identity.to_owned(),
            content_hash: "content".into(),
            event_id: Some("evt_1".into()),
            event_type: Some("purchase".into()),
            received: NOW,
        },
        destination: "loyalty".into(),
        effects: vec![effect("points"), effect("stock")],
        owner: owner.to_owned(),
        now: NOW,
        lease: LEASE,
        grace: GRACE,
        expires: NOW.plus(Duration::from_secs(3_600)),
    }
}

pub async fn claim(store: &FirestoreStore, request: &ClaimRequest) -> Claim {
    let claiming = store.claim(request.clone());
    claiming.await.expect("the store answers")
}

pub async fn granted(store: &FirestoreStore, request: &ClaimRequest) -> Lease {
    match claim(store, request).await {
        Claim::Granted { lease, .. } => lease,
        other => panic!("expected a grant, got {other:?}"),
    }
}

/// Every effect of the request in that state.
pub fn changes(request: &ClaimRequest, state: &EffectState) -> Vec<Change> {
    let change = |effect: &RequestedEffect| Change {
        key: effect.key.clone(),
        state: state.clone(),
        attempt: None,
    };
    request.effects.iter().map(change).collect()
}

pub async fn advance(
    store: &FirestoreStore,
    lease: &Lease,
    changes: Vec<Change>,
    until: Option<Timestamp>,
) -> Result<(), AdvanceError> {
    let lease = lease.clone();
    let step = Advance {
        lease,
        changes,
        until,
    };
    store.advance(step).await
}

pub async fn record(store: &FirestoreStore, identity: &str) -> LedgerRecord {
    let query = EventQuery::Identity(identity.to_owned());
    let mut found = store.find(&query).await.expect("the store answers");
    assert_eq!(found.len(), 1, "one record of {identity}");
    found.remove(0)
}

pub fn letter(id: &str, payload: impl Into<String>) -> DeadLetter {
    DeadLetter {
        summary: DeadLetterSummary {
            id: id.to_owned(),
            reason: Reason::Rejected,
            detail: "the API answered 422".into(),
            at: NOW,
            identity: Some("purchase:ORD-1".into()),
            event_id: None,
            event_type: None,
            destination: Some("loyalty".into()),
            route: None,
            effect: None,
            attempts: 3,
            value: None,
            message_id: "7".into(),
            replayed: None,
        },
        answer: None,
        payload: Payload::Text(payload.into()),
        attributes: [].into(),
        expires: NOW.plus(Duration::from_secs(3_600)),
    }
}

/// A message that is due and is kept for a day.
pub fn held(text: String) -> HeldMessage {
    let identity = "purchase:ORD-1";
    HeldMessage {
        summary: HeldSummary {
            id: HeldSummary::id_of(identity, "crm", "content"),
            destination: "crm".into(),
            identity: identity.into(),
            event_id: None,
            event_type: None,
            value: None,
            bytes: 0,
            reason: HoldReason::Unavailable,
            first_held: NOW,
            due: NOW,
            waits_for: None,
            tries: 0,
            version: 1,
            expires: NOW.plus(DAY),
        },
        payload: Payload::Text(text),
        attributes: [].into(),
        message_id: "1".into(),
        publish_time: String::new(),
        event_type_hint: None,
    }
}

/// The names of a collection's documents, past the store.
pub async fn documents(settings: &FirestoreSettings, collection: &str) -> Vec<String> {
    let (project, database) = (&settings.project, &settings.database);
    let address = format!(
        "http://{}/v1/projects/{project}/databases/{database}/documents/{collection}?pageSize=300&mask.fieldPaths=none",
        firestore_emulator()
    );
    let asking = reqwest::Client::builder().build().expect("a client");
    let answer = asking.get(address).bearer_auth("owner").send().await;
    let text = answer.expect("an answer").text().await.expect("a body");
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let found = answer["documents"].as_array().cloned().unwrap_or_default();
    found
        .iter()
        .map(|document| document["name"].as_str().expect("a name").to_owned())
        .collect()
}

/// Sets one field of a document that is there, past the store.
pub async fn set_field(settings: &FirestoreSettings, document: &str, field: &str, text: &str) {
    let (project, database) = (&settings.project, &settings.database);
    let address = format!(
        "http://{}/v1/projects/{project}/databases/{database}/documents/{document}?updateMask.fieldPaths={field}\
         &currentDocument.exists=true",
        firestore_emulator()
    );
    let body = serde_json::json!({"fields": {field: {"stringValue": text}}});
    let writing = reqwest::Client::builder().build().expect("a client");
    let writing = writing.patch(address).bearer_auth("owner");
    let answer = writing.body(body.to_string()).send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
}

/// Removes a document by its full name, past the store.
pub async fn delete(name: &str) {
    let address = format!("http://{}/v1/{name}", firestore_emulator());
    let deleting = reqwest::Client::builder().build().expect("a client");
    let answer = deleting.delete(address).bearer_auth("owner").send().await;
    assert_eq!(answer.expect("an answer").status(), 200);
}
