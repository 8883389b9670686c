//! One stream, from its opening until it breaks.

use std::convert::Infallible;
use std::time::Duration;

use firestore::gcloud_sdk::google::firestore::v1::listen_request::TargetChange as Request;
use firestore::gcloud_sdk::google::firestore::v1::listen_response::ResponseType;
use firestore::gcloud_sdk::google::firestore::v1::target::{DocumentsTarget, TargetType};
use firestore::gcloud_sdk::google::firestore::v1::target_change::TargetChangeType;
use firestore::gcloud_sdk::google::firestore::v1::{ListenRequest, Target, TargetChange};
use firestore::gcloud_sdk::tonic::Status;
use futures_util::StreamExt;
use store::StoreUnavailable;

use super::super::super::client::{Client, unavailable};
use super::super::all_time::{self, AllTime};

/// The stream has one target; any number will do.
const TARGET: i32 = 1;
/// After so long a silence the document is read, in case the stream is dead and nobody has noticed.
const SILENCE: Duration = Duration::from_secs(60);

/// What the stream says.
pub(super) enum Sign {
    /// Nothing new, but it is there.
    Alive,
    News(Box<News>),
}

/// What the document of all time is.
pub(super) struct News {
    pub(super) all_time: AllTime,
    /// Whether it has changed just now; what is heard first may be of long ago.
    pub(super) is_change: bool,
}

/// Says what the document of all time is, at once and whenever it changes, until the stream breaks. Returns why.
pub(super) async fn hear(client: &Client, mut say: impl FnMut(Sign)) -> StoreUnavailable {
    match try_hear(client, &mut say).await {
        Err(reason) => reason,
    }
}

async fn try_hear(
    client: &Client,
    say: &mut impl FnMut(Sign),
) -> Result<Infallible, StoreUnavailable> {
    // The stream lasts as long as its requests do, of which there is only one.
    let requests = futures_util::stream::iter([request(client)]);
    let requests = requests.chain(futures_util::stream::pending());
    let mut answers = client.listen(requests).await?;
    let mut latest = AllTime::default();
    let mut said: Option<AllTime> = None;
    let mut is_live = false;
    loop {
        let patience = match is_live {
            true => SILENCE,
            false => client.settings().request_timeout,
        };
        let answer = match tokio::time::timeout(patience, answers.message()).await {
            Ok(Ok(Some(answer))) => answer,
            Ok(Ok(None)) => return Err(StoreUnavailable::new("Firestore ended the stream")),
            Ok(Err(status)) => return Err(unavailable(&status)),
            Err(_) if is_live => {
                check(client, &latest).await?;
                say(Sign::Alive);
                continue;
            }
            Err(_) => return Err(StoreUnavailable::new("Firestore took too long to answer")),
        };
        say(Sign::Alive);
        match answer.response_type {
            Some(ResponseType::DocumentChange(change)) => {
                latest = AllTime::read(change.document.as_ref())?;
                client.count_read(1);
            }
            Some(ResponseType::DocumentDelete(_) | ResponseType::DocumentRemove(_)) => {
                latest = AllTime::default();
            }
            Some(ResponseType::TargetChange(change)) => match kind(&change)? {
                TargetChangeType::Current => is_live = true,
                // All is sent anew, the emulator does so with every change; what is known stays true until then.
                TargetChangeType::Reset => continue,
                _ => {}
            },
            Some(ResponseType::Filter(_)) | None => continue,
        }
        if is_live && said.as_ref() != Some(&latest) {
            let is_change = said.replace(latest.clone()).is_some();
            let all_time = latest.clone();
            say(Sign::News(Box::new(News {
                all_time,
                is_change,
            })));
        }
    }
}

fn request(client: &Client) -> ListenRequest {
    let documents = DocumentsTarget {
        documents: vec![all_time::document(client)],
    };
    ListenRequest {
        database: client.database().to_owned(),
        target_change: Some(Request::AddTarget(Target {
            target_id: TARGET,
            target_type: Some(TargetType::Documents(documents)),
            ..Target::default()
        })),
        ..ListenRequest::default()
    }
}

/// What happened to the target; an error if Firestore took it away.
fn kind(change: &TargetChange) -> Result<TargetChangeType, StoreUnavailable> {
    let kind = change.target_change_type();
    if kind == TargetChangeType::Remove {
        return Err(match &change.cause {
            Some(cause) => unavailable(&Status::new(cause.code.into(), &cause.message)),
            None => StoreUnavailable::new("Firestore stopped telling of changes"),
        });
    }
    Ok(kind)
}

/// Fails if the document is not what was heard last.
async fn check(client: &Client, latest: &AllTime) -> Result<(), StoreUnavailable> {
    let document = client.get_one(all_time::document(client)).await?;
    let is_same = AllTime::read(document.as_ref())?.updated == latest.updated;
    match is_same {
        true => Ok(()),
        false => Err(StoreUnavailable::new(
            "the stream was silent although something changed",
        )),
    }
}
